import { hostname } from "node:os";
import { join } from "node:path";
import { createStore, startArtifactServer } from "@leat/artifact";
import type { Parts, Program, Setup } from "@leat/controller";
import { createGit } from "@leat/git";
import { Config } from "./config.ts";
import { gitRepositoryController } from "./git-repository/controller.ts";

export const sourceController: Program<Config> = { name: "source-controller", flags: Config, setUp };

async function setUp({ config, kube, log, connections, guard }: Setup<Config>): Promise<Parts> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startArtifactServer({ directory: config.storagePath, address: config.storageAddr }));
  guard.addOwnPort(server.port);
  const advertisedAddress = config.storageAdvAddr || `${hostOf(config.storageAddr)}:${server.port}`;
  log.info("serving artifacts", { port: server.port, advertisedAddress });
  const artifacts = stack.use(
    await createStore({
      directory: config.storagePath,
      advertisedAddress,
      retentionTtlMs: config.artifactRetentionTtl,
      retentionRecords: config.artifactRetentionRecords,
      digestAlgorithm: config.artifactDigestAlgo,
    }),
  );
  // The server shows nothing that begins with a dot.
  const cacheDirectory = join(config.storagePath, ".git");
  const git = await createGit({ gitBinary: config.gitBinary, cacheDirectory, connections });
  const controller = gitRepositoryController({ git, artifacts, kube });
  const parts = stack.move();
  return { controllers: [controller], [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** The host that is listened on, as others can reach it. */
function hostOf(address: string): string {
  const host = address.slice(0, address.lastIndexOf(":"));
  return /^(|0\.0\.0\.0|\[::\])$/.test(host) ? hostname() : host;
}

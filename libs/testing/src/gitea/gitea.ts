import { access, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "@leat/process";
import { testingConfig } from "../config.ts";
import { ownedEnvironment } from "../server/owner.ts";
import { createParts } from "../server/parts.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { serverBinary } from "../server/server-binary.ts";
import { requestServer } from "../server/server-request.ts";
import { startOnFreePort } from "../server/start-on-free-port.ts";
import { type GiteaApi, giteaApi } from "./gitea-api.ts";
import { configOf } from "./gitea-config.ts";
import { createUser, type GiteaUser } from "./gitea-user.ts";

/** A real Gitea on loopback: Git over HTTP, pull requests, commit statuses, webhooks to loopback. */
export interface Gitea extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string;
  /** A new user; tests that share a server each make their own. */
  createUser: () => Promise<GiteaUser>;
}

const startLimitMs = 60_000;
const commandLimitMs = 60_000;

/**
 * Starts Gitea in two seconds. Its first build takes minutes, longer than a test may: start it outside of tests and suites.
 *
 * @throws Error if its program is missing or does not start
 */
export async function startGitea({ signal }: { signal?: AbortSignal } = {}): Promise<Gitea> {
  await using stack = new AsyncDisposableStack();
  const program = await serverBinary("gitea", signal);
  const directory = stack.use(await openPrivateDirectory()).path;
  const staticFiles = await staticFilesOf(program);
  const configFile = join(directory, "app.ini");
  const parts = stack.use(createParts(directory));
  const urlOf = (port: number) => `http://127.0.0.1:${port}`;
  const { port } = await startOnFreePort(parts, {
    name: "gitea",
    program,
    args: async (free) => {
      await writeFile(configFile, configOf({ port: free, directory, staticFiles }), { mode: 0o600 });
      return ["--config", configFile, "web"];
    },
    isReady: async (free) => (await requestServer({ url: urlOf(free) }, { path: "/api/healthz" })).status === 200,
    timeoutMs: startLimitMs,
    signal,
  });
  const admin = giteaApi(urlOf(port), `token ${await createAdministrator(program, configFile, directory)}`);
  return giteaAt(urlOf(port), admin, stack.move());
}

function giteaAt(url: string, admin: GiteaApi, running: AsyncDisposableStack): Gitea {
  return {
    url,
    createUser: () => createUser(url, admin),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A release has them in the program. */
async function staticFilesOf(program: string): Promise<string | undefined> {
  const path = join(dirname(program), "static");
  return access(path).then(
    () => path,
    () => undefined,
  );
}

/** @returns a token */
async function createAdministrator(program: string, configFile: string, home: string): Promise<string> {
  const flags = ["--admin", "--username=administrator", "--email=administrator@example.com", "--random-password"];
  const args = ["--config", configFile, "admin", "user", "create", ...flags, "--access-token"];
  const env = { ...ownedEnvironment(), HOME: home, PATH: testingConfig().path };
  const { exitCode, stdout, stderr } = await run(program, args, { env, timeoutMs: commandLimitMs });
  const [token] = /\b[0-9a-f]{40}\b/.exec(stdout.toString()) ?? [];
  if (exitCode === 0 && token !== undefined) return token;
  throw new Error(`gitea admin user create: ${stderr.trim() || stdout.toString().trim()}`);
}

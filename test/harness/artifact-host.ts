import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import type { Artifact } from "@leat/api";
import { run } from "@leat/process";
import { openPrivateDirectory } from "@leat/testing";

/** Serves archives as a source controller does, for sources that a test makes itself. */
export interface ArtifactHost extends AsyncDisposable {
  /** Packs the files, by their path, and gives what a source's status says of them. */
  publish: (revision: string, files: Record<string, string>, metadata?: Record<string, string>) => Promise<Artifact>;
}

export async function startArtifactHost(): Promise<ArtifactHost> {
  await using stack = new AsyncDisposableStack();
  const archives = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const archive = archives.get(request.url ?? "");
    if (archive === undefined) response.writeHead(404).end();
    else response.end(archive);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const all = stack.move();
  return {
    publish: async (revision, files, metadata) => {
      const archive = await pack(files);
      const hex = createHash("sha256").update(archive).digest("hex");
      const path = `${hex}.tar.gz`;
      archives.set(`/${path}`, archive);
      return {
        path,
        url: `http://127.0.0.1:${address.port}/${path}`,
        revision,
        digest: `sha256:${hex}`,
        lastUpdateTime: `${new Date().toISOString().slice(0, 19)}Z`,
        size: archive.length,
        ...(metadata && { metadata }),
      };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function pack(files: Record<string, string>): Promise<Buffer> {
  await using directory = await openPrivateDirectory();
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory.path, "files", name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const archive = join(directory.path, "archive.tar.gz");
  const { exitCode, stderr } = await run("tar", ["-czf", archive, "-C", join(directory.path, "files"), "."], {
    cwd: directory.path,
    env: { PATH: process.env["PATH"] ?? "" },
    timeoutMs: 10_000,
  });
  if (exitCode !== 0) throw new Error(`tar: ${stderr}`);
  return await readFile(archive);
}

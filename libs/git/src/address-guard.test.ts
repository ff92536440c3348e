import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createAddressGuard, createHttpPool } from "@leat/http";
import { openPrivateDirectory, startGitServer } from "@leat/testing";
import { createGit } from "./index.ts";

const { signal } = new AbortController();

test("git connects to the addresses that were checked", async () => {
  await using world = await startWorld(["::1"]);
  assert.equal(await world.fetch(), "fetched");
  const log = await readFile(world.log, "utf8");
  assert.ok(log.includes(`=localhost:${world.port}:127.0.0.1\n`), log);
});

test("git is not started for a denied address, and the message names the flag", async () => {
  await using world = await startWorld(["127.0.0.0/8", "::1"]);
  await assert.rejects(world.fetch(), {
    reason: "GitOperationFailed",
    message: /^cannot reach http:\/\/localhost:\d+\/team\/app\.git: .* denied by --denied-networks$/,
  });
  await assert.rejects(readFile(world.log), { code: "ENOENT" });
});

async function startWorld(denied: string[]) {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await openPrivateDirectory());
  const server = stack.use(await startGitServer());
  const repository = await server.createRepository("team/app");
  await repository.commit({ a: "1" });
  const connections = stack.use(createHttpPool({ guard: createAddressGuard(denied) }));
  const [gitBinary, log] = [join(place.path, "git"), join(place.path, "log")];
  await writeFile(gitBinary, `#!/bin/sh\nenv >> ${log}\nexec git "$@"\n`, { mode: 0o700 });
  const git = await createGit({ cacheDirectory: join(place.path, "git-cache"), connections, gitBinary });
  const remote = { url: repository.url.replace("127.0.0.1", "localhost"), timeoutMs: 60_000 };
  const parts = stack.move();
  return {
    log,
    port: new URL(remote.url).port,
    fetch: async () => {
      const found = await git.resolve(remote, { branch: "main" }, signal);
      assert.ok(found.kind === "found");
      return (await git.fetch(remote, found, "app", signal)).kind;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Against a server that speaks protocol version 0 and gives only what a ref points to. */
import assert from "node:assert/strict";
import { createServer, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createHttpPool } from "@leat/http";
import { openPrivateDirectory, startGitServer } from "@leat/testing";
import { createGit, type GitRef } from "./index.ts";

const { signal } = new AbortController();

suite("a server without protocol version 2", () => {
  test("is asked for refs, and gives the commits that they point to", async () => {
    await using old = await oldServer();
    const first = await old.repository.commit({ a: "1" });
    await old.repository.tag("v1.0.0", { target: first, message: "annotated" });
    const second = await old.repository.commit({ a: "2" });
    assert.equal(await old.fetch({ branch: "main" }), second);
    assert.equal(await old.fetch({ tag: "v1.0.0" }), first);
    assert.equal(await old.fetch({ semver: "1.x" }), first);
    assert.match(await old.fetch({ branch: "none" }), /^branch none does not exist; there is main/);
  });

  test("gives a commit that no ref points to by way of all refs", async () => {
    await using old = await oldServer();
    const first = await old.repository.commit({ a: "1" });
    await old.repository.commit({ a: "2" });
    assert.equal(await old.fetch({ commit: first }), first);
    assert.match(await old.fetch({ commit: "e".repeat(40) }), /^commit e{40} does not exist in/);
  });

  test("has an empty repository where there is no commit", async () => {
    await using old = await oldServer();
    assert.equal(await old.fetch({ branch: "main" }), "empty");
  });
});

async function oldServer() {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startGitServer());
  const repository = await server.createRepository("app", { allowAnyCommit: false });
  const front = stack.use(await withoutProtocolHeader(server.url));
  const cache = stack.use(await openPrivateDirectory());
  const connections = stack.use(createHttpPool());
  const git = await createGit({ cacheDirectory: join(cache.path, "git"), connections });
  const remote = { url: `${front.url}/app.git`, timeoutMs: 20_000 };
  const parts = stack.move();
  return {
    repository,
    fetch: async (ref: GitRef) => {
      const found = await git.resolve(remote, ref, signal);
      if (found.kind !== "found") return found.kind === "missing" ? found.what : found.kind;
      const answer = await git.fetch(remote, found, "app", signal);
      return answer.kind === "missing" ? answer.what : answer.commit.id;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Passes requests on, but for the header by which clients ask for a newer protocol. */
async function withoutProtocolHeader(target: string) {
  const front = createServer((incoming, response) => {
    const { "git-protocol": _, ...headers } = incoming.headers;
    const outgoing = sendRequest(`${target}${incoming.url}`, { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  front.listen(0, "127.0.0.1", resolve);
  await promise;
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      front.closeAllConnections();
      front.close();
    },
  };
}

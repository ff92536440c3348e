/** Through real proxies, to a host that only they can resolve. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, test } from "node:test";
import { Fault } from "@leat/api";
import { createHttpPool, proxiesOf } from "@leat/http";
import { createCertificateAuthority, openPrivateDirectory, startGitServer, startProxy } from "@leat/testing";
import { createGit, type GitRemote } from "./index.ts";

const { signal } = new AbortController();

suite("the proxies of the environment", () => {
  for (const scheme of ["http", "https"] as const) {
    test(`are used for refs and for commits, by ${scheme}`, async () => {
      await using world = await startWorld(scheme);
      const git = await world.gitWith({ [`${scheme.toUpperCase()}_PROXY`]: world.environmentProxy.url });
      assert.equal(await world.fetch(git), world.commit);
      const [first, ...others] = new Set(world.environmentProxy.targets);
      assert.deepEqual([first, others], [world.target, []]);
      // The advertisement, the refs, and at least two requests of the program, or a tunnel of each.
      assert.ok(world.environmentProxy.targets.length >= (scheme === "http" ? 4 : 2));
    });
  }

  test("give way to that of the remote", async () => {
    await using world = await startWorld("http");
    const git = await world.gitWith({ HTTP_PROXY: world.environmentProxy.url });
    assert.equal(await world.fetch(git, { proxy: world.ownProxy.url }), world.commit);
    assert.deepEqual(world.environmentProxy.targets, []);
    assert.deepEqual([...new Set(world.ownProxy.targets)], [world.target]);
  });

  test("are not used for what NO_PROXY lists", async () => {
    await using world = await startWorld("http");
    const git = await world.gitWith({ HTTP_PROXY: world.environmentProxy.url, NO_PROXY: ".example" });
    await assert.rejects(world.fetch(git), (error) => {
      assert(error instanceof Fault);
      assert.match(error.message, /git\.example cannot be resolved$/);
      return true;
    });
    assert.deepEqual(world.environmentProxy.targets, []);
  });

  test("are named by a failure, without their credentials", async () => {
    await using world = await startWorld("http");
    const git = await world.gitWith({ HTTP_PROXY: "http://carol:hidden@127.0.0.1:1" });
    await assert.rejects(world.fetch(git), (error) => {
      assert(error instanceof Fault);
      assert.match(error.message, /: the proxy 127\.0\.0\.1:1 refused the connection$/);
      assert.doesNotMatch(error.message, /hidden/);
      return true;
    });
  });
});

async function startWorld(scheme: "http" | "https") {
  await using stack = new AsyncDisposableStack();
  const authority = createCertificateAuthority();
  const { certificate: cert, key } = authority.issue({ commonName: "git", hosts: ["git.example"] });
  const tls = { ca: authority.certificate, cert, key };
  const server = stack.use(await startGitServer(scheme === "https" ? { tls } : {}));
  const repository = await server.createRepository("app");
  const commit = await repository.commit({ a: "1" });
  const target = scheme === "https" ? "git.example:443" : "git.example:80";
  const hosts = new Map([[target, new URL(server.url).host]]);
  const [environmentProxy, ownProxy] = [stack.use(await startProxy({ hosts })), stack.use(await startProxy({ hosts }))];
  const cache = stack.use(await openPrivateDirectory());
  const remote = { url: `${scheme}://git.example/app.git`, ca: authority.certificate, timeoutMs: 20_000 };
  const parts = stack.move();
  return {
    commit,
    target,
    environmentProxy,
    ownProxy,
    gitWith: (env: Record<string, string>) => {
      const connections = parts.use(createHttpPool({ proxies: proxiesOf(env) }));
      return createGit({ cacheDirectory: join(cache.path, "git"), connections });
    },
    fetch: async (git: Awaited<ReturnType<typeof createGit>>, own: Partial<GitRemote> = {}) => {
      const found = await git.resolve({ ...remote, ...own }, { branch: "main" }, signal);
      assert(found.kind === "found", JSON.stringify(found));
      const fetched = await git.fetch({ ...remote, ...own }, found, "app", signal);
      assert(fetched.kind === "fetched", JSON.stringify(fetched));
      return fetched.commit.id;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Finished, run } from "@leat/process";
import { gitEnvironment } from "./git-environment.ts";
import { startGitServer } from "./git-server.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";

function git(args: string[], env: Record<string, string> = {}): Promise<Finished> {
  return run("git", args, { env: { ...gitEnvironment(), GIT_TERMINAL_PROMPT: "0", ...env }, timeoutMs: 20_000 });
}

suite("git server", () => {
  test("serves commits, branches and tags to a clone over protocol version 2", async () => {
    await using server = await startGitServer();
    await using place = await openPrivateDirectory();
    const repository = await server.createRepository("app");
    const first = await repository.commit({ "a.yaml": "a: 1\n", "dir/b.yaml": "b: 1\n" }, { message: "first" });
    const second = await repository.commit({
      "a.yaml": "a: 2\n",
      "dir/b.yaml": null,
      run: { executable: "#!/bin/sh\n" },
      link: { symlink: "a.yaml" },
    });
    await repository.tag("v1.0.0", { target: first });
    await repository.tag("v2.0.0", { message: "second" });

    const clone = join(place.path, "clone");
    const { exitCode, stderr } = await git(["clone", "--quiet", repository.url, clone]);
    assert.deepEqual([exitCode, stderr], [0, ""]);
    assert.equal(await readFile(join(clone, "link"), "utf8"), "a: 2\n");
    const log = await git(["-C", clone, "log", "--format=%H %s", "--stat=80"]);
    assert.match(log.stdout.toString(), new RegExp(`^${second} change[^]*dir/b.yaml[^]*^${first} first`, "m"));
    const tags = await git(["-C", clone, "for-each-ref", "--format=%(refname:short) %(objecttype)", "refs/tags"]);
    assert.equal(tags.stdout.toString(), "v1.0.0 commit\nv2.0.0 tag\n");
    assert.deepEqual(
      server.requests().map(({ method, path, protocol, status }) => [method, path, protocol, status]),
      [
        ["GET", "/app.git/info/refs?service=git-upload-pack", "version=2", 200],
        ["POST", "/app.git/git-upload-pack", "version=2", 200],
        ["POST", "/app.git/git-upload-pack", "version=2", 200],
      ],
    );
  });

  test("gives the same commits the same ids", async () => {
    await using server = await startGitServer();
    const [one, other] = [await server.createRepository("one"), await server.createRepository("other")];
    for (const files of [{ a: "1" }, { a: "2", b: "1" }])
      assert.equal(await one.commit(files), await other.commit(files));
    assert.equal(await one.resolve("main"), await other.resolve("main"));
  });

  test("rewrites, moves and deletes branches and tags", async () => {
    await using server = await startGitServer();
    const repository = await server.createRepository("app");
    const first = await repository.commit({ a: "1" });
    const second = await repository.commit({ a: "2" });
    await repository.branch("stable", first);
    const fixed = await repository.commit({ a: "3" }, { branch: "stable" });
    assert.equal(await repository.resolve("stable~1"), first);
    const rewritten = await repository.commit({ b: "1" }, { parent: null });
    assert.deepEqual([await repository.resolve("main"), await repository.resolve("main~1")], [rewritten, undefined]);
    assert.equal(await repository.resolve("main:a"), undefined);
    const again = await repository.commit({ a: "4" }, { parent: second });
    assert.equal(await repository.resolve("main~1"), second);
    await repository.tag("v1", { target: fixed });
    await repository.tag("v1", { target: again });
    assert.equal(await repository.resolve("v1"), again);
    await repository.deleteTag("v1");
    await repository.deleteBranch("stable");
    assert.deepEqual([await repository.resolve("v1"), await repository.resolve("stable")], [undefined, undefined]);
  });

  test("takes a push, and a fetch of one commit by its id without its files", async () => {
    await using server = await startGitServer();
    await using place = await openPrivateDirectory();
    const repository = await server.createRepository("app");
    const first = await repository.commit({ a: "1" });
    await repository.commit({ a: "2" });
    const bare = join(place.path, "bare");
    await git(["init", "--quiet", "--bare", bare]);
    const fetched = await git([
      "--git-dir",
      bare,
      "fetch",
      "--quiet",
      "--depth=1",
      "--filter=blob:none",
      repository.url,
      first,
    ]);
    assert.deepEqual([fetched.exitCode, fetched.stderr], [0, ""]);
    const pushed = await git(["--git-dir", bare, "push", "--quiet", repository.url, `${first}:refs/heads/pushed`]);
    assert.deepEqual([pushed.exitCode, pushed.stderr], [0, ""]);
    assert.equal(await repository.resolve("pushed"), first);
  });

  test("lets nobody in without the right password or token", async () => {
    await using server = await startGitServer({
      basicAuth: { username: "me", password: "se:cret" },
      bearerToken: "token",
    });
    const { url, commit } = await server.createRepository("app");
    await commit({ a: "1" });
    const cases: [string[], number][] = [
      [["ls-remote", url], 128],
      [["ls-remote", url.replace("//", "//me:wrong@")], 128],
      [["ls-remote", url.replace("//", "//me:se%3Acret@")], 0],
      [["-c", "http.extraHeader=Authorization: Bearer token", "ls-remote", url], 0],
      [["-c", "http.extraHeader=Authorization: Bearer wrong", "ls-remote", url], 128],
    ];
    for (const [args, expected] of cases) assert.equal((await git(args)).exitCode, expected, args.join(" "));
    assert.ok(server.requests().some(({ authorization }) => authorization === "bearer"));
  });

  test("is trusted over TLS only with its CA", async () => {
    await using server = await startGitServer({ tls: true });
    await using place = await openPrivateDirectory();
    const repository = await server.createRepository("app");
    await repository.commit({ a: "1" });
    const caFile = join(place.path, "ca.crt");
    await writeFile(caFile, server.ca ?? "");
    const rejected = await git(["ls-remote", repository.url]);
    assert.equal(rejected.exitCode, 128);
    assert.match(rejected.stderr, /certificate/);
    const trusted = await git(["ls-remote", repository.url], { GIT_SSL_CAINFO: caFile });
    assert.deepEqual([trusted.exitCode, trusted.stderr], [0, ""]);
  });
});

suite("what a repository allows", () => {
  test("is told to clients: filters and any commit, unless it is not allowed", async () => {
    await using server = await startGitServer();
    const lenient = await server.createRepository("lenient");
    const strict = await server.createRepository("strict", { allowFilter: false, allowAnyCommit: false });
    for (const [repository, expected] of [
      [lenient, true],
      [strict, false],
    ] as const) {
      await repository.commit({ a: "1" });
      const response = await fetch(`${repository.url}/info/refs?service=git-upload-pack`);
      const capabilities = await response.text();
      for (const capability of ["filter", "allow-reachable-sha1-in-want"])
        assert.equal(capabilities.includes(` ${capability}`), expected, capability);
    }
  });
});

suite("faults of a git server", () => {
  const cases = [
    { fault: { status: 503 }, message: /503/ },
    { fault: { garbage: true }, message: /protocol error|invalid|bad line|not valid/ },
    { fault: { cutAfterBytes: 10 }, message: /./ },
    { fault: { cutAfterBytes: 100, only: "git-upload-pack" }, message: /./ },
  ];
  for (const { fault, message } of cases) {
    test(`${JSON.stringify(fault)} breaks a fetch, and healing it mends the fetch`, async () => {
      await using server = await startGitServer(fault);
      await using place = await openPrivateDirectory();
      const repository = await server.createRepository("app");
      await repository.commit({ a: "1".repeat(1000) });
      const broken = await git(["clone", "--quiet", repository.url, join(place.path, "broken")]);
      assert.notEqual(broken.exitCode, 0);
      assert.match(broken.stderr, message);
      server.setFaults({});
      const healthy = await git(["clone", "--quiet", repository.url, join(place.path, "healthy")]);
      assert.deepEqual([healthy.exitCode, healthy.stderr], [0, ""]);
    });
  }

  test("a delay holds each answer back", async () => {
    await using server = await startGitServer({ delayMs: 300 });
    const repository = await server.createRepository("app");
    await repository.commit({ a: "1" });
    const start = performance.now();
    assert.equal((await git(["ls-remote", repository.url])).exitCode, 0);
    assert.ok(performance.now() - start >= 600, "two requests, 300 ms each");
  });

  test("a slow server sends an answer bit by bit", async () => {
    await using server = await startGitServer({ bytesPerSecond: 400, only: "info/refs" });
    const { url, commit } = await server.createRepository("app");
    await commit({ a: "1" });
    const start = performance.now();
    const response = await fetch(`${url}/info/refs?service=git-upload-pack`);
    const bytes = (await response.arrayBuffer()).byteLength;
    const seconds = (performance.now() - start) / 1000;
    assert.ok(bytes > 100 && seconds >= bytes / 400, `${bytes} bytes in ${seconds} s`);
  });

  test("a hanging server never answers", async () => {
    await using server = await startGitServer({ hang: true });
    const { url } = await server.createRepository("app");
    await assert.rejects(fetch(`${url}/info/refs?service=git-upload-pack`, { signal: AbortSignal.timeout(300) }), {
      name: "TimeoutError",
    });
    assert.deepEqual(
      server.requests().map(({ status }) => status),
      [undefined],
    );
  });

  test("a stopped server refuses connections until it is started, on the same port", async () => {
    await using server = await startGitServer();
    const { url, commit } = await server.createRepository("app");
    await commit({ a: "1" });
    await server.stop();
    assert.match((await git(["ls-remote", url])).stderr, /Failed to connect|rejected/);
    await server.start();
    assert.equal((await git(["ls-remote", url])).exitCode, 0);
  });
});

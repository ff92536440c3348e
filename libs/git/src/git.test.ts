/** Against a real git server over HTTP and TLS. */
import assert from "node:assert/strict";
import { readdir, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { Fault } from "@leat/api";
import { createHttpPool, type HttpPool } from "@leat/http";
import { run } from "@leat/process";
import { type GitServer, openPrivateDirectory, type PrivateDirectory, startGitServer } from "@leat/testing";
import { createGit, type Commit, type Found, type Git, type GitRef, type GitRemote } from "./index.ts";

const { signal } = new AbortController();
let server: GitServer;
let cache: PrivateDirectory;
let connections: HttpPool;
let git: Git;

before(async () => {
  [server, cache] = await Promise.all([startGitServer(), openPrivateDirectory()]);
  connections = createHttpPool();
  git = await createGit({ cacheDirectory: join(cache.path, "git"), connections });
});
after(async () => {
  for (const part of [connections, server, cache]) await part[Symbol.asyncDispose]();
});

suite("fetching", () => {
  test("gives the files of a commit, their modes and its subject", async () => {
    const { repository, remote } = await newRepository("files");
    const files = {
      "a/b/c.yaml": "x: 1\n",
      "run.sh": { executable: "#!/bin/sh\n" },
      link: { symlink: "a" },
      "ümläut 1.txt": "ä",
    };
    await repository.commit(files, { message: "first line\n\nbody" });
    const commit = await fetched(remote, { branch: "main" }, "files");
    assert.equal(commit.subject, "first line");
    assert.deepEqual(
      commit.tree.map(({ kind, path }) => `${kind} ${path}`),
      ["file a/b/c.yaml", "symlink link", "executable run.sh", "file ümläut 1.txt"],
    );
    assert.deepEqual(await contents(commit), {
      "a/b/c.yaml": "x: 1\n",
      link: "a",
      "run.sh": "#!/bin/sh\n",
      "ümläut 1.txt": "ä",
    });
  });

  test("reads only what is asked for, in the order asked for", async () => {
    const { repository, remote } = await newRepository("order");
    await repository.commit({ a: "1", b: "2".repeat(300_000), c: "", d: "4" });
    const commit = await fetched(remote, { branch: "main" }, "order");
    const [a, b, c] = commit.tree;
    assert(a && b && c);
    assert.deepEqual(Object.entries(await contents(commit, [c, b, a])), [
      ["c", ""],
      ["b", "2".repeat(300_000)],
      ["a", "1"],
    ]);
  });

  test("may be given up in the middle of a file", async () => {
    const { repository, remote } = await newRepository("give-up");
    await repository.commit({ big: "x".repeat(8_000_000), small: "y" });
    const commit = await fetched(remote, { branch: "main" }, "give-up");
    for await (const content of commit.read(commit.tree, signal)) {
      for await (const chunk of content) {
        assert(chunk.length > 0);
        break;
      }
      break;
    }
    assert.equal((await contents(commit, commit.tree.slice(1)))["small"], "y");
  });

  test("brings each kind of ref to its commit", async () => {
    const { repository, remote } = await newRepository("refs");
    const first = await repository.commit({ a: "1" });
    await repository.tag("v1.0.0", { target: first, message: "annotated" });
    const second = await repository.commit({ a: "2" });
    const rows: Array<[GitRef, string]> = [
      [{ branch: "main" }, second],
      [{ tag: "v1.0.0" }, first],
      [{ semver: "1.x" }, first],
      [{ name: "refs/tags/v1.0.0" }, first],
      [{ name: "HEAD" }, second],
      [{ commit: first }, first],
      [{ commit: first, branch: "main" }, first],
    ];
    for (const [ref, expected] of rows)
      assert.equal((await fetched(remote, ref, "refs")).id, expected, JSON.stringify(ref));
  });

  test("of a commit that is not on its branch is answered by that", async () => {
    const { repository, remote } = await newRepository("elsewhere");
    await repository.commit({ a: "1" });
    const other = await repository.commit({ a: "2" }, { branch: "other" });
    const answer = await fetchRef(remote, { commit: other, branch: "main" }, "elsewhere");
    assert.deepEqual(answer, {
      kind: "missing",
      what: `commit ${other} is not in the history of main of ${remote.url}`,
    });
  });

  test("of a commit deep in the history of a branch works after a shallow fetch", async () => {
    const { repository, remote } = await newRepository("deep");
    const first = await repository.commit({ a: "1" });
    for (const a of ["2", "3"]) await repository.commit({ a });
    await fetched(remote, { branch: "main" }, "deep");
    assert.equal((await fetched(remote, { commit: first, branch: "main" }, "deep")).id, first);
  });

  test("of a commit that does not exist is answered by that", async () => {
    const { repository, remote } = await newRepository("no-commit");
    await repository.commit({ a: "1" });
    const answer = await fetchRef(remote, { commit: "e".repeat(40) }, "no-commit");
    assert.deepEqual(answer, { kind: "missing", what: `commit ${"e".repeat(40)} does not exist in ${remote.url}` });
  });

  test("chooses the newest commit among equal versions", async () => {
    const { repository, remote } = await newRepository("ties");
    const first = await repository.commit({ a: "1" });
    const second = await repository.commit({ a: "2" });
    await repository.tag("1.0.0+b", { target: first });
    await repository.tag("1.0.0+a", { target: second });
    assert.equal((await fetched(remote, { semver: "1.x" }, "ties")).id, second);
    assert.deepEqual(
      (await readdir(join(cache.path, "git"))).filter((name) => name.startsWith("times")),
      [],
    );
  });

  test("works for repositories with SHA-256 hashes", async () => {
    const { repository, remote } = await newRepository("sha256");
    await rm(repository.directory, { recursive: true });
    const made = await run(
      "git",
      ["init", "--bare", "-q", "-b", "main", "--object-format=sha256", repository.directory],
      { timeoutMs: 10_000 },
    );
    assert.equal(made.exitCode, 0, made.stderr);
    const id = await repository.commit({ a: "1" });
    assert.equal(id.length, 64);
    const commit = await fetched(remote, { branch: "main" }, "sha256");
    assert.deepEqual([commit.id, await contents(commit)], [id, { a: "1" }]);
  });
});

suite("the copy on disk", () => {
  test("spares the network where it has the commit", async () => {
    const { repository, remote } = await newRepository("kept");
    await repository.commit({ a: "1" });
    await fetched(remote, { branch: "main" }, "kept");
    const asked = server.requests().length;
    const found = await resolved(remote, { branch: "main" });
    assert.equal(server.requests().length - asked, 1);
    await git.fetch(remote, found, "kept", signal);
    assert.equal(server.requests().length - asked, 1);
  });

  test("makes a later fetch cost the difference", async () => {
    const { repository, remote } = await newRepository("difference");
    const noise = Array.from({ length: 50_000 }, (_, index) => Math.sin(index)).join();
    await repository.commit({ big: noise });
    await fetched(remote, { branch: "main" }, "difference");
    const [large] = await packs("difference");
    await repository.commit({ small: "1" });
    await fetched(remote, { branch: "main" }, "difference");
    const sizes = (await packs("difference")).toSorted((a, b) => a - b);
    assert(large && sizes.length === 2 && (sizes[0] ?? large) < large / 20, sizes.join());
  });

  test("is recreated where it is damaged", async () => {
    const { repository, remote } = await newRepository("damaged");
    await repository.commit({ a: "1" });
    await fetched(remote, { branch: "main" }, "damaged");
    await damage("damaged");
    assert.deepEqual(await contents(await fetched(remote, { branch: "main" }, "damaged")), { a: "1" });
    await damage("damaged");
    await repository.commit({ a: "2" });
    assert.deepEqual(await contents(await fetched(remote, { branch: "main" }, "damaged")), { a: "2" });
  });

  test("is that of the URL that is used now alone", async () => {
    const [one, two] = [await newRepository("one"), await newRepository("two")];
    const secret = await one.repository.commit({ a: "1" });
    await two.repository.commit({ a: "2" });
    await fetched(one.remote, { branch: "main" }, "moved");
    await fetched(two.remote, { branch: "main" }, "moved");
    assert.equal((await readdir(join(cache.path, "git", "moved"))).length, 1);
    assert.equal((await fetchRef(two.remote, { commit: secret }, "moved")).kind, "missing");
  });

  test("goes when it is forgotten", async () => {
    const { repository, remote } = await newRepository("forgotten");
    await repository.commit({ a: "1" });
    await fetched(remote, { branch: "main" }, "forgotten");
    await git.forget("forgotten");
    assert.equal((await readdir(join(cache.path, "git"))).includes("forgotten"), false);
  });

  test("holds no credentials", async () => {
    await using guarded = await startGitServer({ basicAuth: { username: "me", password: "pass-word" } });
    const repository = await guarded.createRepository("app");
    await repository.commit({ a: "1" });
    const url = repository.url.replace("http://", "http://me:pass-word@");
    await fetched({ url, timeoutMs: 20_000 }, { branch: "main" }, "secrets");
    for (const file of await readdir(join(cache.path, "git", "secrets"), { recursive: true, withFileTypes: true })) {
      if (file.isFile())
        assert.equal((await readFile(join(file.parentPath, file.name))).includes("pass-word"), false, file.name);
    }
  });
});

suite("a server", () => {
  const credentials = { kind: "basic", username: "me", password: "pass/word" } as const;

  test("with a private CA and basic auth is served", async () => {
    await using guarded = await startGitServer({ tls: true, basicAuth: credentials });
    const repository = await guarded.createRepository("app");
    const id = await repository.commit({ a: "1" });
    const remote = { url: repository.url, ca: guarded.ca, credentials, timeoutMs: 20_000 };
    assert.equal((await fetched(remote, { branch: "main" }, "tls")).id, id);
    await assertFault(
      git.resolve({ ...remote, ca: undefined }, {}, signal),
      "GitOperationFailed",
      /unknown authority; add .* ca\.crt/,
    );
  });

  test("with a bearer token is served", async () => {
    await using guarded = await startGitServer({ bearerToken: "t0ken" });
    const repository = await guarded.createRepository("app");
    const id = await repository.commit({ a: "1" });
    const remote: GitRemote = {
      url: repository.url,
      credentials: { kind: "bearer", token: "t0ken" },
      timeoutMs: 20_000,
    };
    assert.equal((await fetched(remote, { branch: "main" }, "bearer")).id, id);
    await assertFault(
      git.resolve({ ...remote, credentials: undefined }, {}, signal),
      "AuthenticationFailed",
      /requires credentials; set spec\.secretRef/,
    );
    const wrong: GitRemote = { ...remote, credentials: { kind: "bearer", token: "wr0ng-token" } };
    await assertFault(git.resolve(wrong, {}, signal), "AuthenticationFailed", /rejected the credentials/);
    await assertFault(
      git.fetch(wrong, await resolved(remote, { branch: "main" }), "bearer2", signal),
      "AuthenticationFailed",
      /rejected the credentials/,
    );
  });

  test("that revokes the credentials between two polls is answered with that", async () => {
    await using guarded = await startGitServer({ basicAuth: credentials });
    const repository = await guarded.createRepository("app");
    await repository.commit({ a: "1" });
    const remote = { url: repository.url, credentials, timeoutMs: 20_000 };
    await resolved(remote, { branch: "main" });
    guarded.setFaults({ status: 403 });
    await assertFault(
      git.resolve(remote, { branch: "main" }, signal),
      "AuthenticationFailed",
      /rejected the credentials/,
    );
    guarded.setFaults({});
    await resolved(remote, { branch: "main" });
  });

  const rows: Array<[about: string, faults: Parameters<GitServer["setFaults"]>[0], message: RegExp]> = [
    ["does not have the repository", { status: 404 }, /repository .* does not exist, or requires credentials/],
    ["fails", { status: 500 }, /responded with HTTP status 500/],
    ["hangs", { hang: true }, /did not respond within spec\.timeout/],
    ["sends garbage", { garbage: true }, /unexpected response from /],
    ["cuts the connection", { cutAfterBytes: 10 }, /closed the connection|other side closed|terminated|aborted/],
  ];
  for (const [about, faults, message] of rows) {
    test(`that ${about} is a fault of the operation when asked`, async () => {
      await using faulty = await startGitServer();
      const repository = await faulty.createRepository("app");
      await repository.commit({ a: "1" });
      faulty.setFaults(faults);
      await assertFault(
        git.resolve({ url: repository.url, timeoutMs: 1000 }, { branch: "main" }, signal),
        "GitOperationFailed",
        message,
      );
      faulty.setFaults({});
      await resolved({ url: repository.url, timeoutMs: 20_000 }, { branch: "main" });
    });

    test(`that ${about} is a fault of the operation when fetched from, and forgiven`, async () => {
      await using faulty = await startGitServer();
      const repository = await faulty.createRepository("app");
      await repository.commit({ a: "1" });
      const remote = { url: repository.url, timeoutMs: 20_000 };
      const found = await resolved(remote, { branch: "main" });
      faulty.setFaults({ ...faults, only: "git-upload-pack" });
      await assertFault(git.fetch({ ...remote, timeoutMs: 1500 }, found, "faulty", signal), "GitOperationFailed", /\S/);
      faulty.setFaults({});
      assert.deepEqual(await contents(await fetched(remote, { branch: "main" }, "faulty")), { a: "1" });
    });
  }

  test("that is an ordinary web site is no git repository", async () => {
    await using web = await startGitServer();
    web.setFaults({ status: 200 });
    await assertFault(
      git.resolve({ url: `${web.url}/x.git`, timeoutMs: 5000 }, {}, signal),
      "GitOperationFailed",
      /is not a Git repository: unexpected content type text\/html/,
    );
  });

  test("without a commit has an empty repository", async () => {
    const { remote } = await newRepository("empty");
    assert.deepEqual(await git.resolve(remote, { branch: "main" }, signal), { kind: "empty" });
  });
});

suite("cancelling", () => {
  test("ends a question at once", async () => {
    await using slow = await startGitServer();
    slow.setFaults({ hang: true });
    const controller = new AbortController();
    const asked = git.resolve({ url: `${slow.url}/x.git`, timeoutMs: 60_000 }, {}, controller.signal);
    setImmediate(() => controller.abort(new Error("overtaken")));
    await assert.rejects(asked, /overtaken/);
  });

  test("ends a fetch and leaves nothing that hinders the next", async () => {
    await using slow = await startGitServer();
    const repository = await slow.createRepository("app");
    await repository.commit({ a: "1" });
    const remote = { url: repository.url, timeoutMs: 60_000 };
    const found = await resolved(remote, { branch: "main" });
    slow.setFaults({ hang: true, only: "git-upload-pack" });
    const controller = new AbortController();
    const fetching = git.fetch(remote, found, "cancelled", controller.signal);
    setTimeout(() => controller.abort(), 100);
    await assert.rejects(fetching);
    slow.setFaults({});
    assert.deepEqual(await contents(await fetched(remote, { branch: "main" }, "cancelled")), { a: "1" });
  });
});

async function newRepository(name: string) {
  const repository = await server.createRepository(name);
  return { repository, remote: { url: repository.url, timeoutMs: 20_000 } satisfies GitRemote };
}

async function resolved(remote: GitRemote, ref: GitRef): Promise<Found> {
  const resolution = await git.resolve(remote, ref, signal);
  assert(resolution.kind === "found", JSON.stringify(resolution));
  return resolution;
}

async function fetchRef(remote: GitRemote, ref: GitRef, key: string) {
  return git.fetch(remote, await resolved(remote, ref), key, signal);
}

async function fetched(remote: GitRemote, ref: GitRef, key: string): Promise<Commit> {
  const answer = await fetchRef(remote, ref, key);
  assert(answer.kind === "fetched", JSON.stringify(answer));
  return answer.commit;
}

async function contents(commit: Commit, entries = commit.tree): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const content of commit.read(entries, signal)) {
    const entry = entries[Object.keys(texts).length];
    assert(entry);
    const bytes = Buffer.concat(await Array.fromAsync(content));
    assert.equal(bytes.length, entry.size);
    texts[entry.path] = bytes.toString();
  }
  return texts;
}

async function packFiles(key: string): Promise<string[]> {
  const files = await readdir(join(cache.path, "git", key), { recursive: true });
  return files.filter((name) => name.endsWith(".pack")).map((name) => join(cache.path, "git", key, name));
}

async function packs(key: string): Promise<number[]> {
  return Promise.all((await packFiles(key)).map(async (path) => (await readFile(path)).length));
}

async function damage(key: string): Promise<void> {
  for (const path of await packFiles(key)) {
    await rm(path.replace(/pack$/, "idx"), { force: true });
    await truncate(path, 20);
  }
}

async function assertFault(promise: Promise<unknown>, reason: string, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert(error instanceof Fault, String(error));
    assert.equal(error.reason, reason);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /pass.word|wr0ng-token|t0ken|[\n\r]/);
    return true;
  });
}

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, readlink, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Artifact, Fault } from "@leat/api";
import { startService } from "@leat/process";
import { eventually, openPrivateDirectory } from "@leat/testing";
import type { Files } from "./entry.ts";
import { fileEntry, filesOf } from "./fixtures/files.ts";
import { createStore, type ArtifactStore, type Publication, type StoreOptions } from "./index.ts";

const { signal } = new AbortController();
const owner = { kind: "GitRepository", namespace: "team", name: "app" };

suite("publishing", () => {
  test("gives the artifact its path, URL, digest and size", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const bytes = await readFile(join(place.path, artifact.path));
    const { digest: _, lastUpdateTime: __, ...rest } = artifact;
    assert.deepEqual(rest, {
      path: "gitrepository/team/app/1.tar.gz",
      url: "http://source.example:80/gitrepository/team/app/1.tar.gz",
      revision: "main@sha1:1",
      size: bytes.length,
    });
    assert.match(artifact.lastUpdateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(await readlink(join(place.path, "gitrepository/team/app/latest.tar.gz")), "1.tar.gz");
  });

  for (const algorithm of ["sha256", "sha384", "sha512"] as const) {
    test(`digests with ${algorithm}`, async () => {
      await using place = await newStore({ digestAlgorithm: algorithm });
      const artifact = await publish(place.store, "1");
      assert(artifact.digest.startsWith(`${algorithm}:`));
      assert.equal(await place.store.inspect(owner, artifact, signal), "intact");
    });
  }

  test("that fails half-way leaves the last artifact and nothing else", async () => {
    await using place = await newStore();
    await publish(place.store, "1");
    const publication = publicationOf("2", breaking(new Error("upstream went away")));
    await assertFault(place.store.publish(owner, publication, signal), "ArchiveOperationFailed", /upstream went away/);
    assert.deepEqual(await allFiles(place.path), [
      "gitrepository/team/app/1.tar.gz",
      "gitrepository/team/app/latest.tar.gz",
    ]);
  });

  test("that fails by a fault keeps its reason", async () => {
    await using place = await newStore();
    const fault = new Fault("GitOperationFailed", "the copy is damaged");
    const publication = publicationOf("2", breaking(fault));
    await assertFault(place.store.publish(owner, publication, signal), "GitOperationFailed", /damaged/);
  });

  test("gives the same again, whether the former file is there, damaged or gone", async () => {
    await using place = await newStore();
    const large = filesOf(
      Object.fromEntries(["a", "b", "c"].map((name) => [name, "0123456789abcdef".repeat(100_000)])),
    );
    const first = await place.store.publish(owner, publicationOf("1", large), signal);
    const path = join(place.path, first.path);
    const changes: Array<() => Promise<void>> = [
      async () => {},
      () => appendFile(path, "x"),
      async () => writeFile(path, (await readFile(path)).fill(0, 1000, 2000)),
      () => rm(path),
    ];
    for (const change of changes) {
      await change();
      const again = await place.store.publish(owner, publicationOf("1", large), signal);
      assert.deepEqual([again.digest, await place.store.inspect(owner, again, signal)], [first.digest, "intact"]);
    }
  });

  test("that is cancelled leaves nothing", async () => {
    await using place = await newStore();
    const controller = new AbortController();
    const publication = publicationOf("2", breaking(undefined));
    const publishing = place.store.publish(owner, publication, controller.signal);
    controller.abort(new Error("overtaken"));
    await assert.rejects(publishing, /overtaken/);
    assert.deepEqual(await allFiles(place.path), []);
  });

  test("rejects names that lead elsewhere", async () => {
    await using place = await newStore();
    for (const name of ["..", "a/b", ".hidden", ""]) {
      const publication = publicationOf("1");
      await assertFault(
        place.store.publish({ ...owner, name }, publication, signal),
        "InvalidPath",
        /not a valid file name/,
      );
    }
  });

  test("leaves no part of an artifact when its process is killed", async () => {
    await using place = await openPrivateDirectory();
    const program = join(import.meta.dirname, "fixtures", "publish-endlessly.ts");
    await using writer = await startService(process.execPath, [program, place.path]);
    const isWriting = async () => {
      const [name] = await readdir(join(place.path, ".tmp"));
      return name !== undefined && (await stat(join(place.path, ".tmp", name))).size > 100_000;
    };
    await eventually(isWriting, { what: "the writer to be in the middle of its work" });
    writer.kill("SIGKILL");
    await writer.ended;
    assert.deepEqual(await allFiles(join(place.path, "gitrepository")), []);
    await createStore({ directory: place.path, advertisedAddress: "x", retentionTtlMs: 0, retentionRecords: 1 });
    assert.deepEqual(await allFiles(place.path), []);
  });

  test("begins without what a killed process left half-written", async () => {
    await using place = await newStore();
    await publish(place.store, "1");
    await writeFile(join(place.path, ".tmp", "half"), "half");
    await createStore(place.options);
    assert.deepEqual(await readdir(join(place.path, ".tmp")), []);
  });
});

suite("publishing one file", () => {
  const index = (bytes: AsyncIterable<Uint8Array>): Publication => ({
    revision: "sha256:1",
    fileName: "index-1.yaml",
    latestName: "index.yaml",
    content: { kind: "raw", bytes },
  });

  test("stores it unchanged, under its own names", async () => {
    await using place = await newStore();
    const artifact = await place.store.publish(owner, index(chunks("entries: {}\n")), signal);
    const directory = join(place.path, "gitrepository/team/app");
    assert.equal(await readFile(join(place.path, artifact.path), "utf8"), "entries: {}\n");
    assert.equal(await readlink(join(directory, "index.yaml")), "index-1.yaml");
    assert.deepEqual((await readdir(directory)).toSorted(), ["index-1.yaml", "index.yaml"]);
    const digest = `sha256:${createHash("sha256").update("entries: {}\n").digest("hex")}`;
    assert.partialDeepStrictEqual(artifact, {
      path: "gitrepository/team/app/index-1.yaml",
      revision: "sha256:1",
      digest,
      size: 12,
    });
    assert.equal(await place.store.inspect(owner, artifact, signal), "intact");
  });

  test("that is cut off leaves nothing", async () => {
    await using place = await newStore();
    const cut = async function* cut() {
      yield* chunks("entries:");
      throw new Error("upstream went away");
    };
    await assertFault(place.store.publish(owner, index(cut()), signal), "ArchiveOperationFailed", /upstream went away/);
    assert.deepEqual(await allFiles(place.path), []);
  });
});

suite("opening a stored artifact", () => {
  test("gives its files, unpacked once for all readers", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const opened = await Promise.all([1, 2, 3].map(() => place.store.open(owner, artifact, signal)));
    const contents = opened.map((one) => (one.kind === "opened" ? one.contents : undefined));
    assert.equal(new Set(contents).size, 1);
    assert.equal((await contents[0]?.read("a.yaml"))?.toString(), "1");
  });

  test("still reads what was removed from the storage meanwhile", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const opened = await place.store.open(owner, artifact, signal);
    assert(opened.kind === "opened");
    await place.store.remove(owner);
    assert.equal((await opened.contents.read("a.yaml")).toString(), "1");
    assert.deepEqual(await place.store.open(owner, artifact, signal), { kind: "missing" });
  });

  test("that is damaged, or of another owner, answers that it is missing", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const other = { ...owner, name: "other" };
    assert.deepEqual(await place.store.open(other, artifact, signal), { kind: "missing" });
    await appendFile(join(place.path, artifact.path), "x");
    assert.deepEqual(await place.store.open(owner, artifact, signal), { kind: "missing" });
  });

  test("keeps to the limits", async () => {
    await using place = await newStore({ limits: { maxBytes: 10, maxEntries: 10, maxDepth: 5 } });
    const artifact = await place.store.publish(owner, publicationOf("1", entries("longer than ten bytes")), signal);
    await assertFault(place.store.open(owner, artifact, signal), "ArtifactFailed", /too large when unpacked/);
  });

  test("that is not an archive is a fault", async () => {
    await using place = await newStore();
    const publication = { ...publicationOf("1"), content: { kind: "raw", bytes: chunks("plain text") } as const };
    const artifact = await place.store.publish(owner, publication, signal);
    await assertFault(place.store.open(owner, artifact, signal), "ArtifactFailed", /not a valid archive/);
  });

  test("leaves no unpacked file behind", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const opened = await place.store.open(owner, artifact, signal);
    assert(opened.kind === "opened");
    await opened[Symbol.asyncDispose]();
    await place.store[Symbol.asyncDispose]();
    assert.deepEqual(await readdir(join(place.path, ".tmp")), []);
  });
});

suite("an artifact", () => {
  test("is intact as long as it is not touched, also for the next process", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    assert.equal(await place.store.inspect(owner, artifact, signal), "intact");
    const next = await createStore(place.options);
    assert.equal(await next.inspect(owner, artifact, signal), "intact");
  });

  test("that was changed is damaged, and removed", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    await appendFile(join(place.path, artifact.path), "x");
    assert.equal(await place.store.inspect(owner, artifact, signal), "damaged");
    assert.equal(await place.store.inspect(owner, artifact, signal), "lost");
  });

  test("that was changed while no process ran is damaged", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const path = join(place.path, artifact.path);
    const { mtime } = await stat(path);
    const bytes = await readFile(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await utimes(path, mtime, mtime);
    const next = await createStore(place.options);
    assert.equal(await next.inspect(owner, artifact, signal), "damaged");
  });

  test("that is gone is lost", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    await rm(join(place.path, artifact.path));
    assert.equal(await place.store.inspect(owner, artifact, signal), "lost");
  });

  test("is never looked for outside of its owner's directory", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const other = { ...owner, name: "other" };
    assert.equal(await place.store.inspect(other, artifact, signal), "lost");
    const path = "gitrepository/team/other/../app/1.tar.gz";
    assert.equal(await place.store.inspect(other, { ...artifact, path }, signal), "lost");
  });

  test("is reached under the address of now", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const moved = await createStore({ ...place.options, advertisedAddress: "new.example" });
    assert.equal(moved.urlOf(artifact), "http://new.example/gitrepository/team/app/1.tar.gz");
  });

  test("goes with its owner, and with nobody else", async () => {
    await using place = await newStore();
    const artifact = await publish(place.store, "1");
    const neighbour = { ...owner, name: "app2" };
    await place.store.publish(neighbour, publicationOf("1"), signal);
    assert.equal(await place.store.remove(owner), true);
    assert.equal(await place.store.remove(owner), false);
    assert.equal(await place.store.inspect(owner, artifact, signal), "lost");
    assert.deepEqual(await readdir(join(place.path, "gitrepository/team")), ["app2"]);
  });
});

suite("garbage collection", () => {
  test("keeps the newest ones, the current one among them", async () => {
    await using place = await newStore({ retentionRecords: 2 });
    const published = ["1", "2", "3", "4"];
    const [first] = await publishAll(place.store, published);
    assert(first);
    // Files written within one tick of the kernel's clock are of the same age.
    for (const name of published) {
      const age = new Date(Date.now() - 10_000 + Number(name) * 1000);
      await utimes(join(place.path, "gitrepository/team/app", `${name}.tar.gz`), age, age);
    }
    assert.equal(await place.store.collectGarbage(owner, first), 2);
    assert.deepEqual(await names(place.path), ["1.tar.gz", "4.tar.gz", "latest.tar.gz"]);
  });

  test("removes what is older than the limit", async () => {
    await using place = await newStore({ retentionRecords: 10, retentionTtlMs: 60_000 });
    const [, , last] = await publishAll(place.store, ["1", "2", "3"]);
    const longAgo = new Date(Date.now() - 61_000);
    for (const name of ["1.tar.gz", "3.tar.gz"])
      await utimes(join(place.path, "gitrepository/team/app", name), longAgo, longAgo);
    assert.equal(await place.store.collectGarbage(owner, last), 1);
    assert.deepEqual(await names(place.path), ["2.tar.gz", "3.tar.gz", "latest.tar.gz"]);
  });

  test("that cannot read the directory is a fault of the storage", async () => {
    await using place = await newStore();
    await writeFile(join(place.path, "gitrepository"), "no directory");
    const current = { path: "gitrepository/team/app/1.tar.gz" } as Artifact;
    await assertFault(place.store.collectGarbage(owner, current), "GarbageCollectionFailed", /ENOTDIR/);
  });

  test("finds nothing where there is nothing", async () => {
    await using place = await newStore();
    assert.equal(await place.store.collectGarbage(owner, undefined), 0);
  });
});

async function newStore(options: Partial<StoreOptions> = {}) {
  const place = await openPrivateDirectory();
  const directory = join(place.path, "storage");
  await mkdir(directory);
  const all = {
    directory,
    advertisedAddress: "source.example:80",
    retentionTtlMs: 60_000,
    retentionRecords: 2,
    ...options,
  };
  const store = await createStore(all);
  const close = async () => {
    await store[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  };
  return { store, options: all, path: directory, [Symbol.asyncDispose]: close };
}

function publish(store: ArtifactStore, id: string) {
  return store.publish(owner, publicationOf(id), signal);
}

function publicationOf(id: string, files = entries(id)): Publication {
  return {
    revision: `main@sha1:${id}`,
    fileName: `${id}.tar.gz`,
    latestName: "latest.tar.gz",
    content: { kind: "files", ...files },
  };
}

/** With modification times that tell them apart. */
async function publishAll(store: ArtifactStore, ids: readonly string[]) {
  const artifacts = [];
  for (const id of ids) artifacts.push(await publish(store, id));
  return artifacts;
}

function entries(text: string): Files {
  return filesOf({ "a.yaml": text });
}

async function* chunks(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

/** Ends with an error after some bytes; never ends where there is none. */
function breaking(error: Error | undefined): Files {
  const files = [fileEntry("a.yaml", "x".repeat(100_000)), { ...fileEntry("b", ""), size: Number.MAX_SAFE_INTEGER }];
  return {
    entries: files,
    read: async function* read() {
      yield chunks("x".repeat(100_000));
      if (error) throw error;
      yield endless();
    },
  };
}

async function* endless(): AsyncGenerator<Buffer> {
  for (;;) {
    yield Buffer.alloc(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function names(path: string): Promise<string[]> {
  return (await readdir(join(path, "gitrepository/team/app"))).toSorted();
}

async function allFiles(path: string): Promise<string[]> {
  const all = await readdir(path, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .toSorted();
}

async function assertFault(promise: Promise<unknown>, reason: string, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert(error instanceof Fault, String(error));
    assert.equal(error.reason, reason);
    assert.match(error.message, message);
    return true;
  });
}

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Artifact, Fault, type GitRepository, type GitRepositoryStatus } from "@leat/api";
import { createStore } from "@leat/artifact";
import type { EventSpec, Outcome, Run } from "@leat/controller";
import type { Commit, Resolution } from "@leat/git";
import { openPrivateDirectory } from "@leat/testing";
import { gitRepository } from "./fixtures/git-repository.ts";
import { type Decision, decide, reconcileGitRepository, type World } from "./reconcile.ts";
import { conditionsOfFault } from "./step.ts";
import type { Storage } from "./storage.ts";

const id = "c0ffee".padEnd(40, "0");
const next = "decade".padEnd(40, "0");
const artifact: Artifact = {
  path: `gitrepository/team/app/${id}.tar.gz`,
  url: `http://source/gitrepository/team/app/${id}.tar.gz`,
  revision: `main@sha1:${id}`,
  digest: `sha256:${"0".repeat(64)}`,
  lastUpdateTime: "2026-11-01T00:00:00Z",
};
const stored: Storage = { kind: "stored", artifact };
const found = (commit = id): Resolution => ({
  kind: "found",
  name: "main",
  commit,
  refName: "refs/heads/main",
  isPinned: false,
});

suite("decide", () => {
  type Row = [given: string, observed: { storage: Storage; upstream: Resolution }, expected: Partial<Decision>];
  const rows: Row[] = [
    [
      "nothing stored yet",
      { storage: { kind: "none" }, upstream: found() },
      { next: "publish", why: "building artifact" },
    ],
    ["upstream unchanged", { storage: stored, upstream: found() }, { next: "keep", artifact }],
    [
      "upstream moved",
      { storage: stored, upstream: found(next) },
      { next: "publish", revision: `main@sha1:${next}`, why: `new upstream revision 'main@sha1:${next}'` },
    ],
    [
      "stored file lost",
      { storage: { kind: "lost" }, upstream: found() },
      { next: "publish", why: "building artifact: disappeared from storage" },
    ],
    [
      "branch deleted",
      { storage: stored, upstream: { kind: "missing", what: "branch main does not exist" } },
      { next: "fail", reason: "GitOperationFailed", message: "branch main does not exist" },
    ],
    [
      "malformed range",
      { storage: stored, upstream: { kind: "invalid", why: "no range" } },
      { next: "fail", reason: "GitOperationFailed", message: "no range" },
    ],
    [
      "empty repository",
      { storage: { kind: "none" }, upstream: { kind: "empty" } },
      { next: "fail", reason: "EmptyGitRepository" },
    ],
  ];
  for (const [given, observed, expected] of rows) {
    test(`${given} → ${expected.next}`, () =>
      assert.partialDeepStrictEqual(decide(gitRepository(), observed), expected));
  }

  for (const [given, ignore, observedIgnore, expected] of [
    ["set", "*.md", undefined, "publish"],
    ["changed", "*.md", "*.txt", "publish"],
    ["taken away", undefined, "*.txt", "publish"],
    ["as before", "*.md", "*.md", "keep"],
  ] as const) {
    test(`spec.ignore ${given} → ${expected}`, () => {
      const object = gitRepository(
        ignore === undefined ? {} : { ignore },
        observedIgnore === undefined ? {} : { observedIgnore },
      );
      assert.equal(decide(object, { storage: stored, upstream: found() }).next, expected);
    });
  }
});

suite("reconcile", () => {
  test("stores the first revision and says so", async () => {
    await using world = await startWorld();
    const { outcome, status } = await world.run();
    const message = `stored artifact for revision 'main@sha1:${id}'`;
    assert.partialDeepStrictEqual(outcome, {
      kind: "ready",
      reason: "Succeeded",
      message,
      conditions: { ArtifactInStorage: { status: "True", reason: "Succeeded", message }, FetchFailed: undefined },
      events: [
        {
          type: "Normal",
          reason: "NewArtifact",
          message: "stored artifact for commit 'subject'",
          metadata: { revision: `main@sha1:${id}`, digest: status.artifact?.digest },
        },
      ],
    });
  });

  test("fetches nothing where nothing has moved, and emits nothing", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    const { outcome } = await world.run({}, status);
    assert.deepEqual([outcome.kind, outcome.events, world.fetched], ["ready", [], [id]]);
  });

  test("makes an artifact again that was lost, without an event for the same content", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    await world.artifacts.remove({ kind: "GitRepository", namespace: "team", name: "app" });
    const { outcome, progress } = await world.run({}, status);
    assert.deepEqual([outcome.kind, outcome.events, world.fetched], ["ready", [], [id, id]]);
    assert(progress.includes("building artifact: disappeared from storage"));
  });

  test("gives the artifact the address of now", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    assert(status.artifact);
    const moved = { ...status, artifact: { ...status.artifact, url: "http://old.example/x" } };
    assert.equal((await world.run({}, moved)).status.artifact?.url, status.artifact.url);
  });

  test("takes spec.ignore into account, and remembers it", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    const { outcome, status: after } = await world.run({ ignore: "*.yaml" }, status);
    assert.notEqual(after.artifact?.digest, status.artifact?.digest);
    assert.equal(after.artifact?.revision, status.artifact?.revision);
    assert.equal(after.observedIgnore, "*.yaml");
    assert.partialDeepStrictEqual(outcome.events, [{ reason: "NewArtifact" }]);
  });

  test("keeps the last artifact while upstream fails, then tells of the recovery", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    world.resolve = async () => ({ kind: "missing", what: "branch main does not exist" });
    const { outcome } = await world.run({}, status);
    assert.partialDeepStrictEqual(outcome, {
      kind: "failed",
      reason: "GitOperationFailed",
      conditions: { FetchFailed: { status: "True" } },
    });
    assert.equal("status" in outcome && outcome.status !== undefined && "artifact" in outcome.status, false);
    world.resolve = async () => found();
    const conditions = [
      {
        type: "FetchFailed",
        status: "True",
        reason: "GitOperationFailed",
        message: "",
        lastTransitionTime: "2026-11-01T00:00:00Z",
      },
    ];
    const recovered = await world.run({}, { ...status, conditions });
    assert.partialDeepStrictEqual(recovered.outcome.events, [
      { type: "Normal", reason: "Succeeded", message: `stored artifact for commit 'sha1:${id}'` },
    ]);
  });

  test("forgets an artifact that is lost while upstream fails", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    await world.artifacts.remove({ kind: "GitRepository", namespace: "team", name: "app" });
    world.resolve = async () => ({ kind: "missing", what: "gone" });
    const { outcome } = await world.run({}, status);
    assert.deepEqual([outcome.status, outcome.conditions?.["ArtifactInStorage"]], [{ artifact: undefined }, undefined]);
    world.resolve = () => Promise.reject(new Fault("GitOperationFailed", "unreachable"));
    const { recorded } = await world.fail({}, status);
    assert.deepEqual(recorded, [{ artifact: undefined }]);
  });

  test("shows by a condition which step a fault struck", async () => {
    await using world = await startWorld();
    world.resolve = () => Promise.reject(new Fault("GitOperationFailed", "unreachable"));
    const { fault } = await world.fail();
    assert.deepEqual(conditionsOfFault(fault), {
      FetchFailed: { status: "True", reason: "GitOperationFailed", message: "unreachable" },
      StorageOperationFailed: undefined,
    });
    world.resolve = async () => found();
    world.artifacts.publish = () => Promise.reject(new Fault("ArchiveOperationFailed", "disk full"));
    const failing = await world.fail();
    assert.partialDeepStrictEqual(conditionsOfFault(failing.fault), {
      StorageOperationFailed: { status: "True", reason: "ArchiveOperationFailed", message: "disk full" },
      ArtifactOutdated: { status: "True", reason: "NewRevision", message: `new upstream revision 'main@sha1:${id}'` },
    });
  });

  test("warns where the stored artifact was damaged", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    world.artifacts.inspect = async () => "damaged";
    const { emitted } = await world.run({}, status);
    assert.partialDeepStrictEqual(emitted, [{ type: "Warning", reason: "ArtifactVerificationFailed" }]);
  });

  test("fails where a Secret is missing, as long as it is", async () => {
    await using world = await startWorld();
    const { outcome } = await world.run({ secretRef: { name: "auth" } });
    assert.partialDeepStrictEqual(outcome, {
      kind: "failed",
      reason: "AuthenticationFailed",
      conditions: { FetchFailed: { reason: "AuthenticationFailed" } },
    });
  });

  test("cuts long subjects after 50 characters, whatever they are", async () => {
    await using world = await startWorld();
    world.subject = "😀".repeat(51);
    const { outcome } = await world.run();
    assert.equal(outcome.events?.[0]?.message, `stored artifact for commit '${"😀".repeat(50)}...'`);
  });

  const unsupported: Array<[field: string, spec: object]> = [
    ["ssh", { url: "ssh://git@git.example/app" }],
    ["spec.provider github", { provider: "github" }],
    ["spec.verify", { verify: { mode: "HEAD", secretRef: { name: "keys" } } }],
    ["spec.recurseSubmodules", { recurseSubmodules: true }],
    ["spec.include", { include: [{ repository: { name: "other" } }] }],
    ["spec.sparseCheckout", { sparseCheckout: ["a"] }],
  ];
  for (const [field, spec] of unsupported) {
    test(`stalls on ${field}, and says so`, async () => {
      await using world = await startWorld();
      const { outcome } = await world.run(spec);
      assert.partialDeepStrictEqual(outcome, { kind: "stalled", reason: "UnsupportedField" });
      assert.match(outcome.message, new RegExp(field));
    });
  }

  test("works where such a field is there but empty", async () => {
    await using world = await startWorld();
    const { outcome } = await world.run({
      provider: "generic",
      recurseSubmodules: false,
      include: [],
      sparseCheckout: [],
    });
    assert.equal(outcome.kind, "ready");
  });

  test("stalls on an address that is none", async () => {
    await using world = await startWorld();
    const { outcome } = await world.run({ url: "https://" });
    assert.partialDeepStrictEqual(outcome, {
      kind: "stalled",
      reason: "URLInvalid",
      conditions: { FetchFailed: { status: "True" } },
    });
  });
});

/** A real store, and an upstream of one commit. */
async function startWorld() {
  const place = await openPrivateDirectory();
  const directory = join(place.path, "storage");
  await mkdir(directory);
  const artifacts = await createStore({
    directory,
    advertisedAddress: "source",
    retentionTtlMs: 60_000,
    retentionRecords: 2,
  });
  const fetched: string[] = [];
  const world = {
    artifacts,
    fetched,
    subject: "subject",
    resolve: async (): Promise<Resolution> => found(),
    run: async (spec: object = {}, status: object = {}) => {
      const seen = newRun();
      const object = gitRepository(spec, status);
      const outcome = await reconcileGitRepository(worldOf())(object, seen.run);
      return { ...seen, outcome, status: statusAfter(object, outcome) };
    },
    fail: async (spec: object = {}, status: object = {}) => {
      const seen = newRun();
      const failing = reconcileGitRepository(worldOf())(gitRepository(spec, status), seen.run);
      const fault = await failing.then(
        () => assert.fail("it did not fail"),
        (error: unknown) => error as Fault,
      );
      return { ...seen, fault };
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
  const worldOf = (): World => ({
    artifacts,
    readSecret: async () => undefined,
    git: {
      resolve: () => world.resolve(),
      forget: async () => {},
      fetch: async (_, { commit }) => {
        fetched.push(commit);
        return { kind: "fetched", commit: commitOf(commit, world.subject) };
      },
    },
  });
  return world;
}

function newRun() {
  const [progress, emitted, recorded]: [string[], EventSpec[], object[]] = [[], [], []];
  const log = { debug: () => {}, info: () => {}, error: () => {}, with: () => log };
  const run: Run<GitRepositoryStatus> = {
    signal: new AbortController().signal,
    log,
    trigger: "interval",
    startedAt: new Date(),
    progress: (message) => void progress.push(message),
    emit: (event) => void emitted.push(event),
    record: async (status) => void recorded.push(status),
  };
  return { run, progress, emitted, recorded };
}

function commitOf(commit: string, subject: string): Commit {
  const texts: Record<string, string> = { "a.yaml": "a: 1\n", "b.txt": "b" };
  return {
    id: commit,
    subject,
    tree: Object.keys(texts).map((path) => ({ kind: "file", path, id: path })),
    read: async function* read(entries) {
      for (const entry of entries) {
        const bytes = Buffer.from(texts[entry.path] ?? "");
        yield { entry, size: bytes.length, content: once(bytes) };
      }
    },
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function statusAfter({ status }: GitRepository, outcome: Outcome<GitRepositoryStatus>): GitRepositoryStatus {
  return { ...status, ...outcome.status };
}

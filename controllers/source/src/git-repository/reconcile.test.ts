import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Artifact, Fault, type GitRepositoryStatus, type KubeObject } from "@leat/api";
import { createStore } from "@leat/artifact";
import { type Reconciled, reconcileOnce } from "@leat/controller";
import type { Commit, Resolution } from "@leat/git";
import { ApiError } from "@leat/kube";
import { openPrivateDirectory } from "@leat/testing";
import type { Storage } from "../artifact/reconcile-storage.ts";
import { gitRepositoryController } from "./controller.ts";
import { gitRepository } from "./fixtures/git-repository.ts";
import { type Decision, decide, type World } from "./reconcile.ts";

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
    const { status, events } = await world.run();
    const message = `stored artifact for revision 'main@sha1:${id}'`;
    assert.deepEqual(said(status, "Ready", "ArtifactInStorage"), [
      ["True", "Succeeded", message],
      ["True", "Succeeded", message],
    ]);
    assert.deepEqual(events, [
      {
        type: "Normal",
        reason: "NewArtifact",
        message: "stored artifact for commit 'subject'",
        metadata: { revision: `main@sha1:${id}`, digest: status.artifact?.digest },
      },
    ]);
  });

  test("fetches nothing where nothing has moved, and emits and writes nothing", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    const { events, patches } = await world.run({}, status);
    assert.deepEqual([events, patches, world.fetched], [[], [], [id]]);
  });

  test("makes an artifact again that was lost, without an event for the same content", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    await world.artifacts.remove(owner);
    const { events, status: after } = await world.run({}, status);
    assert.deepEqual([after.artifact?.digest, events, world.fetched], [status.artifact?.digest, [], [id, id]]);
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
    const { events, status: after } = await world.run({ ignore: "*.yaml" }, status);
    assert.notEqual(after.artifact?.digest, status.artifact?.digest);
    assert.equal(after.artifact?.revision, status.artifact?.revision);
    assert.equal(after.observedIgnore, "*.yaml");
    assert.partialDeepStrictEqual(events, [{ reason: "NewArtifact" }]);
  });

  test("keeps the last artifact while upstream fails, then tells of the recovery", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    world.resolve = async () => ({ kind: "missing", what: "branch main does not exist" });
    const failing = await world.run({}, status);
    const failure = ["GitOperationFailed", "branch main does not exist"];
    assert.deepEqual(said(failing.status, "Ready", "FetchFailed"), [
      ["False", ...failure],
      ["True", ...failure],
    ]);
    assert.deepEqual(failing.status.artifact, status.artifact);
    world.resolve = async () => found();
    const recovered = await world.run({}, failing.status);
    assert.deepEqual(said(recovered.status, "FetchFailed"), [undefined]);
    assert.partialDeepStrictEqual(recovered.events, [
      { type: "Normal", reason: "Succeeded", message: `stored artifact for commit 'sha1:${id}'` },
    ]);
  });

  const failing: Array<[what: string, resolve: () => Promise<Resolution>]> = [
    ["does not have the revision", async () => ({ kind: "missing", what: "gone" })],
    ["cannot be reached", () => Promise.reject(new Fault("GitOperationFailed", "gone"))],
  ];
  for (const [what, resolve] of failing) {
    test(`forgets a lost artifact in the same write that says that upstream ${what}`, async () => {
      await using world = await startWorld();
      const { status } = await world.run();
      await world.artifacts.remove(owner);
      world.resolve = resolve;
      const failed = await world.run({}, status);
      assert.equal(failed.patches.length, 1);
      assert.equal(failed.status.artifact, undefined);
      assert.deepEqual(said(failed.status, "ArtifactInStorage", "FetchFailed"), [
        undefined,
        ["True", "GitOperationFailed", "gone"],
      ]);
      // Which revision it would have been is not known.
      assert.deepEqual(failed.events, [
        { type: "Warning", reason: "GitOperationFailed", message: "gone", metadata: {} },
      ]);
    });
  }

  test("shows by a condition which step a fault struck, and by the event which revision", async () => {
    await using world = await startWorld();
    world.fetch = () => Promise.reject(new Fault("GitOperationFailed", "unreachable"));
    const fetching = await world.run();
    assert.deepEqual(said(fetching.status, "FetchFailed", "StorageOperationFailed"), [
      ["True", "GitOperationFailed", "unreachable"],
      undefined,
    ]);
    world.fetch = undefined;
    world.artifacts.publish = () => Promise.reject(new Fault("ArchiveOperationFailed", "disk full"));
    const storing = await world.run();
    const revision = `main@sha1:${id}`;
    assert.deepEqual(said(storing.status, "FetchFailed", "StorageOperationFailed", "ArtifactOutdated"), [
      undefined,
      ["True", "ArchiveOperationFailed", "disk full"],
      ["True", "NewRevision", `new upstream revision '${revision}'`],
    ]);
    for (const { events, patches } of [fetching, storing]) {
      assert.partialDeepStrictEqual(events, [{ type: "Warning", metadata: { revision } }]);
      assert.equal(patches.length, 1);
    }
  });

  test("warns where the stored artifact was damaged", async () => {
    await using world = await startWorld();
    const { status } = await world.run();
    world.artifacts.inspect = async () => "damaged";
    const { events } = await world.run({}, status);
    assert.partialDeepStrictEqual(events, [{ type: "Warning", reason: "ArtifactVerificationFailed" }]);
  });

  test("fails where a Secret is missing, as long as it is", async () => {
    await using world = await startWorld();
    const failed = await world.run({ secretRef: { name: "auth" } });
    const [condition] = said(failed.status, "FetchFailed");
    assert.deepEqual([condition?.[1], failed.next.kind], ["AuthenticationFailed", "backoff"]);
  });

  test("says that the repository cannot be read where its Secret cannot", async () => {
    await using world = await startWorld();
    world.get = () => Promise.reject(new Fault("APIServerUnavailable", "no answer"));
    const { status } = await world.run({ secretRef: { name: "auth" } });
    assert.deepEqual(said(status, "FetchFailed"), [["True", "APIServerUnavailable", "no answer"]]);
  });

  test("fails where a Secret may not be read, with the right that is missing", async () => {
    await using world = await startWorld();
    const rejection = 'secrets "auth" is forbidden: User "me" cannot get resource "secrets"';
    world.get = () => Promise.reject(new ApiError(403, "Forbidden", rejection));
    const { status } = await world.run({ secretRef: { name: "auth" } });
    const message = `Secret/team/auth of spec.secretRef cannot be read: ${rejection}`;
    assert.deepEqual(said(status, "FetchFailed"), [["True", "AuthenticationFailed", message]]);
  });

  test("cuts long subjects after 50 characters, whatever they are", async () => {
    await using world = await startWorld();
    world.subject = "😀".repeat(51);
    const { events } = await world.run();
    assert.equal(events[0]?.message, `stored artifact for commit '${"😀".repeat(50)}...'`);
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
      const [stalled] = said((await world.run(spec)).status, "Stalled");
      assert.equal(stalled?.[1], "UnsupportedField");
      assert.match(stalled[2], new RegExp(field));
    });
  }

  test("works where such a field is there but empty", async () => {
    await using world = await startWorld();
    const { status } = await world.run({
      provider: "generic",
      recurseSubmodules: false,
      include: [],
      sparseCheckout: [],
    });
    assert.equal(said(status, "Ready")[0]?.[0], "True");
  });

  test("stalls on an address that is none", async () => {
    await using world = await startWorld();
    const { status } = await world.run({ url: "https://" });
    assert.deepEqual(
      said(status, "Stalled", "FetchFailed").map((one) => one?.slice(0, 2)),
      [
        ["True", "URLInvalid"],
        ["True", "URLInvalid"],
      ],
    );
  });
});

const owner = { kind: "GitRepository", namespace: "team", name: "app" };

/** Status, reason and message of conditions. */
function said(
  { conditions = [] }: GitRepositoryStatus,
  ...types: string[]
): Array<[status: string, reason: string, message: string] | undefined> {
  return types.map((type) => {
    const condition = conditions.find((one) => one.type === type);
    return condition && [condition.status, condition.reason, condition.message];
  });
}

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
    fetch: undefined as (() => Promise<never>) | undefined,
    get: (async () => undefined) as World["kube"]["get"],
    run: (spec: object = {}, status: object = {}): Promise<Reconciled<GitRepositoryStatus>> => {
      const object: unknown = gitRepository(spec, status);
      return reconcileOnce<GitRepositoryStatus>(gitRepositoryController(worldOf()), object as KubeObject);
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
  const worldOf = (): World => ({
    artifacts,
    kube: { get: (...args) => world.get(...args) },
    git: {
      resolve: () => world.resolve(),
      forget: async () => {},
      fetch: async (_, { commit }) => {
        if (world.fetch) return world.fetch();
        fetched.push(commit);
        return { kind: "fetched", commit: commitOf(commit, world.subject) };
      },
    },
  });
  return world;
}

function commitOf(commit: string, subject: string): Commit {
  const texts: Record<string, string> = { "a.yaml": "a: 1\n", "b.txt": "b" };
  return {
    id: commit,
    subject,
    tree: Object.entries(texts).map(([path, text]) => ({ kind: "file", path, id: path, size: text.length })),
    read: async function* read(entries) {
      for (const { path } of entries) yield once(Buffer.from(texts[path] ?? ""));
    },
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

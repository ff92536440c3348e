/** A Kustomization's run in a world that the test makes. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Condition, Fault, type KustomizationStatus } from "@leat/api";
import { ApiError } from "@leat/kube";
import type { Drift, Health } from "@leat/apply";
import { buildOf } from "./fixtures/build.ts";
import {
  artifact,
  createWorld,
  entryOfConfigMap,
  originRevision,
  outcomeOf,
  revision,
  sourceWith,
  type TestWorld,
} from "./fixtures/world.ts";

suite("a failure", () => {
  const fault = (reason: string) => () => Promise.reject(new Fault(reason, "gone"));
  const open = (during: () => Promise<never>): TestWorld["clusters"]["open"] => {
    const { clusters } = createWorld();
    return async (...asked) => ({ ...(await clusters.open(...asked)), during }) as never;
  };
  const rows: Array<[what: string, reason: string, stage: string, breaks: (world: TestWorld) => void]> = [
    [
      "a failed build",
      "BuildFailed",
      "Building manifests",
      (world) => (world.builder.build = async () => ({ kind: "rejected", message: "no YAML" })),
    ],
    [
      "a build that could not be run",
      "BuildFailed",
      "Building manifests",
      (world) => (world.builder.build = fault("BuildFailed")),
    ],
    [
      "a cluster that cannot be used",
      "ReconciliationFailed",
      "Building manifests",
      (world) => (world.clusters.open = async () => ({ kind: "unusable", message: "unreachable" })),
    ],
    [
      "a cluster that is lost",
      "APIServerUnavailable",
      "Building manifests",
      (world) => (world.clusters.open = open(fault("APIServerUnavailable"))),
    ],
    [
      "an API server that is lost",
      "APIServerUnavailable",
      "Detecting drift",
      (world) => (world.applier.apply = fault("APIServerUnavailable")),
    ],
    [
      "an overloaded API server",
      "APIServerRejected",
      "Detecting drift",
      (world) => (world.applier.apply = () => Promise.reject(new ApiError(429, "TooManyRequests", "later"))),
    ],
    [
      "a broken API server",
      "APIServerRejected",
      "Running health checks",
      (world) => (world.applier.health = () => Promise.reject(new ApiError(503, "ServiceUnavailable", "no leader"))),
    ],
    [
      "a defect",
      "InternalError",
      "Detecting drift",
      (world) => (world.applier.contended = () => assert.fail("a defect")),
    ],
  ];
  for (const [what, reason, stage, breaks] of rows) {
    test(`${what}: is attributed to its revision, in one status write`, async () => {
      const world = createWorld();
      breaks(world);
      const { status, patches, events } = await world.run({ wait: stage === "Running health checks" });
      assert.equal(patches.length, 1);
      assert.equal(status.lastAttemptedRevision, revision);
      assert.partialDeepStrictEqual(conditionOf(status, "Ready"), { status: "False", reason });
      assert.partialDeepStrictEqual(conditionOf(status, "Reconciling"), {
        reason: "ProgressingWithRetry",
        message: `${stage} for revision ${revision} with a timeout of 9m30s`,
      });
      assert.partialDeepStrictEqual(events.at(-1), { type: "Warning", reason, metadata: { revision, originRevision } });
    });
  }

  const notAttempted: Array<[what: string, breaks: (world: TestWorld) => void]> = [
    ["an artifact that cannot be fetched", (world) => (world.artifacts.open = fault("ArtifactFailed"))],
    [
      "a path that does not exist",
      (world) => (world.builder.build = async () => ({ kind: "pathMissing", message: "no path" })),
    ],
  ];
  for (const [what, breaks] of notAttempted) {
    test(`${what}: is told of its revision, which counts as not attempted`, async () => {
      const world = createWorld();
      breaks(world);
      const { status, patches, events } = await world.run({}, { lastAttemptedRevision: "main@sha1:0" });
      assert.deepEqual([patches.length, status.lastAttemptedRevision], [1, "main@sha1:0"]);
      const message = `Fetching manifests for revision ${revision} with a timeout of 9m30s`;
      assert.partialDeepStrictEqual(conditionOf(status, "Reconciling"), { message });
      assert.partialDeepStrictEqual(events, [
        { type: "Warning", reason: "ArtifactFailed", metadata: { revision, originRevision } },
      ]);
    });
  }
});

suite("a run that applies", () => {
  test("has given its artifact back by then, so that its space can be used", async () => {
    const world = createWorld();
    let held = 0;
    const { open } = world.artifacts;
    world.artifacts.open = async (...asked) => {
      held += 1;
      return { ...(await open(...asked)), [Symbol.asyncDispose]: async () => void (held -= 1) } as never;
    };
    const { apply } = world.applier;
    world.applier.apply = async (request, ...rest) => {
      assert.equal(held, 0);
      return apply(request, ...rest);
    };
    await world.run();
    assert.equal(world.applied.length, 1);
  });

  test("says what it has done, and keeps it in the status", async () => {
    const world = createWorld();
    const { status, patches, events, next } = await world.run();
    assert.equal(patches.length, 1);
    assert.partialDeepStrictEqual(status, {
      inventory: { entries: [entryOfConfigMap("one")] },
      lastAppliedRevision: revision,
      lastAppliedOriginRevision: originRevision,
      lastAttemptedRevision: revision,
      history: [
        {
          lastReconciledStatus: "ReconciliationSucceeded",
          metadata: { revision, originRevision },
          totalReconciliations: 1,
        },
      ],
    });
    const message = `Applied revision: ${revision}`;
    assert.partialDeepStrictEqual(conditionOf(status, "Ready"), { status: "True", message });
    assert.partialDeepStrictEqual(events, [
      { reason: "Progressing", message: "ConfigMap/team/one created", metadata: { revision, originRevision } },
      { reason: "ReconciliationSucceeded", metadata: { revision, originRevision, commit_status: "update" } },
    ]);
    assert.deepEqual([events.length, next], [2, { kind: "interval", afterMs: 600_000 }]);
  });

  test("has what it writes in the inventory before", async () => {
    const world = createWorld();
    const { apply } = world.applier;
    world.applier.apply = async (request, signal) => {
      await request.beforeWrite?.([entryOfConfigMap("one")]);
      return apply(request, signal);
    };
    const { patches } = await world.run();
    assert.partialDeepStrictEqual(patches, [{ inventory: { entries: [entryOfConfigMap("one")] } }]);
    assert.equal(patches.length, 2);
  });

  test("hands the spec on to the applier", async () => {
    const world = createWorld();
    await world.run({ force: true, timeout: "1m", driftDetection: { mode: "warn" } });
    assert.partialDeepStrictEqual(world.applied, [
      { owner: { namespace: "team", name: "app" }, force: true, timeoutMs: 60_000, drift: { mode: "warn" } },
    ]);
  });
});

suite("a run that finds everything as it was", () => {
  /** What a run has left, and the same again with nothing to do. */
  async function settled() {
    const world = createWorld();
    const { status } = await world.run();
    world.applier.apply = async ({ objects }) => outcomeOf(objects, "unchanged");
    return { world, status };
  }

  test("writes nothing and emits nothing", async () => {
    const { world, status } = await settled();
    const { patches, events } = await world.run({}, status, "interval");
    assert.deepEqual([patches, events], [[], []]);
  });

  test("says in its event that the directory is empty", async () => {
    const world = createWorld();
    world.builder.build = async () => ({ ...buildOf(), isOfEmptyDirectory: true });
    const { events } = await world.run({ path: "./vendored" });
    assert.match(events.at(-1)?.message ?? "", /^Reconciliation finished in .*; the directory \.\/vendored is empty$/);
  });

  test("emits its end where it was asked for", async () => {
    const { world, status } = await settled();
    const { status: after, events } = await world.run({}, status, "request");
    assert.partialDeepStrictEqual(events, [{ reason: "ReconciliationSucceeded", isRoutine: false }]);
    assert.equal(after.history?.[0]?.totalReconciliations, 2);
  });

  test("emits its end for each new revision, for commit statuses but not for the cluster", async () => {
    const { world, status } = await settled();
    world.sources.find = async () => sourceWith({ ...artifact, revision: "main@sha1:2" });
    const { status: after, events } = await world.run({}, status);
    assert.partialDeepStrictEqual(events, [{ metadata: { revision: "main@sha1:2" }, isRoutine: true }]);
    assert.deepEqual([events.length, after.lastAppliedRevision], [1, "main@sha1:2"]);
  });
});

suite("a run that corrects drift", () => {
  const drift: Drift = { kind: "changed", paths: ["/data/value"], more: 0, authors: [] };

  async function correct(created: string[] = []) {
    const world = createWorld();
    const { status } = await world.run();
    world.applier.apply = async ({ objects }) => {
      const { changes, ...outcome } = outcomeOf(objects, "configured");
      const more = created.map((subject) => ({ subject, action: "created" as const }));
      return { ...outcome, changes: [...changes.map((change) => ({ ...change, drift })), ...more] };
    };
    return world.run({}, status, "drift");
  }

  test("emits one event, and notes the run in the history", async () => {
    const { status, events } = await correct();
    assert.partialDeepStrictEqual(events, [{ reason: "DriftCorrected" }]);
    assert.deepEqual([events.length, status.history?.[0]?.totalReconciliations], [1, 2]);
  });

  test("emits what else it does as ever", async () => {
    const { events } = await correct(["ConfigMap/team/two"]);
    assert.deepEqual(
      events.map(({ reason }) => reason),
      ["Progressing", "DriftCorrected", "ReconciliationSucceeded"],
    );
    assert.equal(events[0]?.message, "ConfigMap/team/two created");
  });
});

suite("what is rejected", () => {
  test("is told with what was applied before, which stays known", async () => {
    const world = createWorld();
    world.applier.apply = async ({ objects }) => ({
      ...outcomeOf(objects, "created"),
      kind: "rejected",
      message: "two is invalid",
      rejection: "Invalid",
    });
    const before = { inventory: { entries: [entryOfConfigMap("old")] } };
    const { status, events } = await world.run({}, before);
    assert.deepEqual(status.inventory?.entries, [entryOfConfigMap("old"), entryOfConfigMap("one")]);
    assert.equal(status.history?.[0]?.lastReconciledStatus, "ReconciliationFailed");
    assert.partialDeepStrictEqual(events, [
      { reason: "ReconciliationFailed", message: "two is invalid\nConfigMap/team/one created" },
    ]);
  });
});

suite("what is no longer declared", () => {
  const before = { inventory: { entries: [entryOfConfigMap("one"), entryOfConfigMap("old")] } };

  test("is deleted", async () => {
    const world = createWorld();
    const pruned: object[] = [];
    world.applier.prune = async ({ entries }) => {
      pruned.push(...entries);
      return { deleted: [{ subject: "ConfigMap/team/old", action: "deleted" }], kept: [], handedOver: [], failed: [] };
    };
    const { status, events } = await world.run({}, before);
    assert.deepEqual(pruned, [entryOfConfigMap("old")]);
    assert.deepEqual(status.inventory?.entries, [entryOfConfigMap("one")]);
    assert.equal(events[1]?.message, "ConfigMap/team/old deleted");
  });

  test("stays until the other Kustomizations of the source have reconciled the revision", async () => {
    const world = createWorld();
    world.applier.prune = () => assert.fail("it was pruned");
    world.siblings.isAwaiting = () => true;
    const { status } = await world.run({}, before);
    assert.deepEqual(status.inventory?.entries, [entryOfConfigMap("one"), entryOfConfigMap("old")]);
    assert.deepEqual([conditionOf(status, "Ready")?.status, status.lastAppliedRevision], ["True", revision]);
  });

  test("is reported if it stays, and why", async () => {
    const world = createWorld();
    const kept = [{ subject: "ConfigMap/team/old", action: "skipped", reason: "it belongs to team/other" } as const];
    world.applier.prune = async () => ({ deleted: [], kept: [...kept], handedOver: [], failed: [] });
    const { status, events } = await world.run({}, before);
    assert.deepEqual(status.inventory?.entries, [entryOfConfigMap("one")]);
    assert.equal(events[1]?.message, "ConfigMap/team/old skipped: it belongs to team/other");
  });

  test("stays without spec.prune, and is forgotten", async () => {
    const world = createWorld();
    world.applier.prune = () => assert.fail("it was pruned");
    const { status } = await world.run({ prune: false }, before);
    assert.deepEqual(status.inventory?.entries, [entryOfConfigMap("one")]);
  });

  test("stays in the inventory where it cannot be deleted, and health is not checked", async () => {
    const world = createWorld();
    world.applier.prune = async () => ({
      deleted: [],
      kept: [],
      handedOver: [],
      failed: [{ entry: entryOfConfigMap("old"), message: "old is held" }],
    });
    world.applier.health = () => assert.fail("health was checked");
    const { status } = await world.run({ wait: true }, before);
    assert.deepEqual(status.inventory?.entries, [entryOfConfigMap("one"), entryOfConfigMap("old")]);
    assert.partialDeepStrictEqual(conditionOf(status, "Ready"), { reason: "PruneFailed" });
    assert.deepEqual([status.lastAppliedRevision, conditionOf(status, "Healthy")], [undefined, undefined]);
  });
});

suite("health", () => {
  const subject = "Deployment/team/web";
  const inProgress: Health = { kind: "inProgress", objects: [{ subject, status: "InProgress", message: "0 of 1" }] };

  test("that is not there yet ends the run, to be looked at again", async () => {
    const world = createWorld();
    world.applier.health = async () => inProgress;
    const { status, next } = await world.run({ wait: true });
    assert.equal(conditionOf(status, "Healthy")?.status, "Unknown");
    const message = `Running health checks for revision ${revision} with a timeout of 9m30s`;
    assert.partialDeepStrictEqual(conditionOf(status, "Reconciling"), { reason: "Progressing", message });
    assert.deepEqual([status.lastAppliedRevision, next], [undefined, { kind: "after", afterMs: 10_000 }]);
  });

  test("is told once, and keeps its message", async () => {
    const world = createWorld();
    const { status, events } = await world.run({ wait: true });
    assert.match(events[1]?.message ?? "", /^Health check passed in /);
    world.applier.apply = async ({ objects }) => outcomeOf(objects, "unchanged");
    const again = await world.run({ wait: true }, status, "interval");
    assert.deepEqual([again.patches, again.events], [[], []]);
  });

  test("is no condition any more once nothing is checked", async () => {
    const world = createWorld();
    const { status } = await world.run({ wait: true });
    assert.equal(conditionOf((await world.run({}, status)).status, "Healthy"), undefined);
  });
});

function conditionOf({ conditions = [] }: KustomizationStatus, type: string): Condition | undefined {
  return conditions.find((one) => one.type === type);
}

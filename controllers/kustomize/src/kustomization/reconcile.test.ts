/** A Kustomization's run in a world that the test makes. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Condition, Fault, type KustomizationStatus } from "@leat/api";
import { ApiError } from "@leat/kube";
import { createWorld, originRevision, revision, type TestWorld } from "./fixtures/world.ts";

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
      (world) => (world.builder.build = async () => ({ kind: "refused", message: "no YAML" })),
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
      "APIServerRefused",
      "Detecting drift",
      (world) => (world.applier.apply = () => Promise.reject(new ApiError(429, "TooManyRequests", "later"))),
    ],
    [
      "a broken API server",
      "APIServerRefused",
      "Running health checks",
      (world) => (world.applier.health = () => Promise.reject(new ApiError(503, "ServiceUnavailable", "no leader"))),
    ],
    ["a defect", "InternalError", "Detecting drift", (world) => (world.applier.fights = () => assert.fail("a defect"))],
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

function conditionOf({ conditions = [] }: KustomizationStatus, type: string): Condition | undefined {
  return conditions.find((one) => one.type === type);
}

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Health } from "./health.ts";
import { createHealthWaits, waitResult, type WaitResult } from "./health-waits.ts";

const app = { metadata: { namespace: "team", name: "app", uid: "1", generation: 1 } };

suite("waits for health", () => {
  test("span the runs of one revision, and start again with the next", () => {
    const waits = createHealthWaits();
    const first = waits.begin(app, "one");
    assert.equal(waits.begin(app, "one"), first);
    assert.notEqual(waits.begin(app, "two"), first);
  });

  test("start again once they have ended", () => {
    const waits = createHealthWaits();
    const first = waits.begin(app, "one");
    waits.end(app);
    assert.notEqual(waits.begin(app, "one"), first);
  });
});

suite("a wait for health", () => {
  const inProgress: Health = {
    kind: "inProgress",
    objects: [{ subject: "Deployment/team/app", status: "InProgress", message: "0 of 1" }],
  };
  const failed = (others: number): Health => ({
    kind: "failed",
    objects: [{ subject: "Job/team/job", message: "failed" }],
    inProgress: others,
  });
  const fast = { waitedMs: 5_000, timeoutMs: 15_000, failsFast: true };
  const slow = { ...fast, failsFast: false };
  const late = { waitedMs: 15_000, timeoutMs: 15_000 };
  const goesOn: WaitResult = { kind: "waiting", remainingMs: 10_000 };
  const ends = (message: string): WaitResult => ({ kind: "failed", message });
  const rows: Array<[given: string, health: Health, limits: typeof fast, result: WaitResult]> = [
    ["all are healthy", { kind: "healthy" }, fast, { kind: "healthy" }],
    ["all are healthy at the last moment", { kind: "healthy" }, { ...fast, ...late }, { kind: "healthy" }],
    ["one is in progress", inProgress, fast, goesOn],
    [
      "one is in progress for too long",
      inProgress,
      { ...fast, ...late },
      ends("timed out after 15s: Deployment/team/app: 0 of 1"),
    ],
    ["one has failed, another is in progress", failed(1), fast, ends("failed: Job/team/job: failed")],
    ["one has failed, another is in progress, not failing fast", failed(1), slow, goesOn],
    ["all have failed, not failing fast", failed(0), slow, ends("failed: Job/team/job: failed")],
    [
      "one has failed, another is too long in progress, not failing fast",
      failed(1),
      { ...slow, ...late },
      ends("timed out after 15s: Job/team/job: failed"),
    ],
  ];
  for (const [given, health, limits, result] of rows) {
    test(`${given} → ${result.kind}`, () => {
      const expected = result.kind === "failed" ? ends(`health check ${result.message}`) : result;
      assert.deepEqual(waitResult(health, limits), expected);
    });
  }
});

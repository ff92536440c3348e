import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { driftHandlingOf } from "./drift-handling.ts";
import { kustomization } from "./fixtures/kustomization.ts";

const entries = [{ id: "team_one__ConfigMap", v: "v1" }];

function after(lastReconciledStatus: string, digest = "sha256:a"): object {
  const time = "2026-01-01T00:00:00Z";
  const entry = { firstReconciled: time, lastReconciled: time, lastReconciledDuration: "1s", totalReconciliations: 1 };
  return { inventory: { entries }, history: [{ ...entry, digest, lastReconciledStatus }] };
}

suite("objects known to be applied as declared", () => {
  const rows: Array<[after: string, status: object, isKnown: boolean]> = [
    ["this build was applied", after("ReconciliationSucceeded"), true],
    ["this build was applied and did not become healthy", after("HealthCheckFailed"), true],
    ["this build was applied and something could not be deleted", after("PruneFailed"), true],
    ["this build was rejected", after("ReconciliationFailed"), false],
    ["another build was applied", after("ReconciliationSucceeded", "sha256:b"), false],
    ["no run has ended", { inventory: { entries } }, false],
  ];
  for (const [what, status, isKnown] of rows) {
    test(`${isKnown ? "is the inventory" : "is nothing"} where ${what}`, () =>
      assert.deepEqual(driftHandlingOf(kustomization({}, status), "sha256:a").applied, isKnown ? entries : []));
  }

  test("does not depend on the mode, which is enabled where nothing is said", () => {
    assert.equal(driftHandlingOf(kustomization(), "").mode, "enabled");
    assert.equal(driftHandlingOf(kustomization({ driftDetection: {} }), "").mode, "enabled");
    const ignore = [{ paths: ["/data"] }];
    const { mode, ignore: given } = driftHandlingOf(kustomization({ driftDetection: { mode: "warn", ignore } }), "");
    assert.deepEqual([mode, given], ["warn", ignore]);
  });
});

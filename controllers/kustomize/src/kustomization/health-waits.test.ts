import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { kustomization } from "./fixtures/kustomization.ts";
import { createHealthWaits } from "./health-waits.ts";

suite("waits for health", () => {
  test("span the runs of one revision, and begin anew with the next", () => {
    const waits = createHealthWaits();
    const first = waits.begin(kustomization(), "one");
    assert.equal(waits.begin(kustomization(), "one"), first);
    assert.notEqual(waits.begin(kustomization(), "two"), first);
  });

  test("begin anew once they have ended", () => {
    const waits = createHealthWaits();
    const first = waits.begin(kustomization(), "one");
    waits.end(kustomization());
    assert.notEqual(waits.begin(kustomization(), "one"), first);
  });
});

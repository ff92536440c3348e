import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { kustomization } from "./fixtures/kustomization.ts";
import { retryIntervalOf, runTimeoutOf, timeoutOf } from "./timing.ts";

suite("timing", () => {
  const timeouts: Array<[spec: object, ms: number]> = [
    [{ interval: "10m" }, 570_000],
    [{ interval: "40s" }, 30_000],
    [{ interval: "10m", timeout: "5s" }, 5000],
  ];
  for (const [spec, ms] of timeouts) {
    test(`the timeout of ${JSON.stringify(spec)} is ${ms} ms`, () => assert.equal(timeoutOf(kustomization(spec)), ms));
  }

  test("a run may take half a minute more than its waits, and has no limit of its own without spec.timeout", () => {
    assert.equal(runTimeoutOf(kustomization({ interval: "10m", timeout: "5s" })), 35_000);
    assert.equal(runTimeoutOf(kustomization({ interval: "10m" })), undefined);
  });

  test("a failed run is tried again after the retry interval, by default the interval", () => {
    assert.equal(retryIntervalOf(kustomization({ interval: "10m" })), 600_000);
    assert.equal(retryIntervalOf(kustomization({ interval: "10m", retryInterval: "1m" })), 60_000);
  });
});

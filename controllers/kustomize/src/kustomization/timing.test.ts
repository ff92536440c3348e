import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { kustomization } from "./fixtures/kustomization.ts";
import { retryIntervalOf, timeoutOf } from "./timing.ts";

suite("timing", () => {
  const timeouts: Array<[spec: object, ms: number]> = [
    [{ interval: "10m" }, 570_000],
    [{ interval: "40s" }, 30_000],
    [{ interval: "10m", timeout: "5s" }, 5000],
  ];
  for (const [spec, ms] of timeouts) {
    test(`the timeout of ${JSON.stringify(spec)} is ${ms} ms`, () => assert.equal(timeoutOf(kustomization(spec)), ms));
  }

  test("a failed run is tried again after the retry interval, by default the interval", () => {
    assert.equal(retryIntervalOf(kustomization({ interval: "10m" })), 600_000);
    assert.equal(retryIntervalOf(kustomization({ interval: "10m", retryInterval: "1m" })), 60_000);
  });
});

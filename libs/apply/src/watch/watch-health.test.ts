import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { core } from "@leat/api";
import { createLogger } from "@leat/log";
import { createTrust } from "./watch-health.ts";

suite("what a watch says counts", () => {
  test("once all has been listed", async () => {
    const { trust } = createTimedTrust();
    trust.onResume();
    assert.equal(trust.isWhole(), false);
    trust.onListed();
    assert.equal(trust.isWhole(), true);
    await trust.settled(AbortSignal.timeout(1_000));
  });

  test("not after a failure, however long nothing more is heard", () => {
    const { trust, time } = createTimedTrust();
    trust.onListed();
    trust.onError(new Error("broken"));
    time.now = 1e9;
    assert.equal(trust.isWhole(), false);
  });

  test("some seconds after it goes on, when what was missed has come", () => {
    const { trust, time } = createTimedTrust();
    trust.onListed();
    trust.onError(new Error("broken"));
    trust.onResume();
    assert.equal(trust.isWhole(), false);
    time.now = 5_001;
    assert.equal(trust.isWhole(), true);
    trust.onResume();
    assert.equal(trust.isWhole(), true);
  });

  test("at once when it has been listed anew", () => {
    const { trust } = createTimedTrust();
    trust.onListed();
    trust.onError(new Error("broken"));
    trust.onListed();
    assert.equal(trust.isWhole(), true);
  });
});

test("who waits for a watch does not wait for one that fails", async () => {
  const { trust } = createTimedTrust();
  trust.onError(new Error("broken"));
  await trust.settled(AbortSignal.timeout(1_000));
});

function createTimedTrust() {
  const time = { now: 0 };
  const log = createLogger("error", (line) => process.stderr.write(line));
  return { time, trust: createTrust({ resource: core.ConfigMap, log, clock: () => time.now }) };
}

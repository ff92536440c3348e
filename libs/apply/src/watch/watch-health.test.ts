import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { core } from "@leat/api";
import { createLogger } from "@leat/log";
import { createWatchHealth } from "./watch-health.ts";

suite("what a watch says counts", () => {
  test("once all has been listed", async () => {
    const { watchHealth } = createTimedTrust();
    watchHealth.onResume();
    assert.equal(watchHealth.isComplete(), false);
    watchHealth.onListed();
    assert.equal(watchHealth.isComplete(), true);
    await watchHealth.settled(AbortSignal.timeout(1_000));
  });

  test("not after a failure, however long nothing more is heard", () => {
    const { watchHealth, time } = createTimedTrust();
    watchHealth.onListed();
    watchHealth.onError(new Error("broken"));
    time.now = 1e9;
    assert.equal(watchHealth.isComplete(), false);
  });

  test("some seconds after it goes on, when what was missed has come", () => {
    const { watchHealth, time } = createTimedTrust();
    watchHealth.onListed();
    watchHealth.onError(new Error("broken"));
    watchHealth.onResume();
    assert.equal(watchHealth.isComplete(), false);
    time.now = 5_001;
    assert.equal(watchHealth.isComplete(), true);
    watchHealth.onResume();
    assert.equal(watchHealth.isComplete(), true);
  });

  test("at once when it has been listed again", () => {
    const { watchHealth } = createTimedTrust();
    watchHealth.onListed();
    watchHealth.onError(new Error("broken"));
    watchHealth.onListed();
    assert.equal(watchHealth.isComplete(), true);
  });
});

test("who waits for a watch does not wait for one that fails", async () => {
  const { watchHealth } = createTimedTrust();
  watchHealth.onError(new Error("broken"));
  await watchHealth.settled(AbortSignal.timeout(1_000));
});

test("who waits for a long list waits for as long as parts of it come", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { watchHealth, time } = createTimedTrust();
  let isSettled = false;
  const settled = watchHealth.settled(new AbortController().signal).then(() => (isSettled = true));
  const pass = async (ms: number) => {
    time.now += ms;
    mock.timers.tick(ms);
    await setImmediate();
  };
  for (let seconds = 0; seconds < 20; seconds += 1) {
    await pass(1_000);
    watchHealth.onListing();
  }
  assert.equal(isSettled, false);
  await pass(2_500);
  await pass(2_500);
  await settled;
});

function createTimedTrust() {
  const time = { now: 0 };
  const log = createLogger("error", (line) => process.stderr.write(line));
  return { time, watchHealth: createWatchHealth({ resource: core.ConfigMap, log, clock: () => time.now }) };
}

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createReachability, type Reachability, type ReachabilityOptions } from "./reachability.ts";

interface Watched extends Disposable {
  reachability: Reachability;
  /** What the cluster answers: why it is unhealthy. */
  answers: (why: string | undefined) => void;
  asked: () => number;
  back: Promise<void>;
}

function watch(options: Partial<ReachabilityOptions> = {}): Watched {
  let why: string | undefined;
  let asked = 0;
  const back = Promise.withResolvers<void>();
  const ask = async () => {
    asked += 1;
    await pause(1);
    return why;
  };
  const timing = { firstPauseMs: 5, longestPauseMs: 20 };
  const reachability = createReachability({ ask, onBack: back.resolve, ...timing, ...options });
  return {
    reachability,
    answers: (next) => {
      why = next;
    },
    asked: () => asked,
    back: back.promise,
    [Symbol.dispose]: () => reachability[Symbol.dispose](),
  };
}

suite("whether a cluster can be reached", () => {
  test("is asked once for all who want to know at the same time", async () => {
    using watched = watch();
    const answers = await Promise.all(Array.from({ length: 10 }, () => watched.reachability.check()));
    assert.deepEqual(new Set(answers), new Set([undefined]));
    assert.equal(watched.asked(), 1);
  });

  test("is not asked where it has answered somebody just now", async () => {
    using watched = watch();
    watched.reachability.heard();
    assert.equal(await watched.reachability.check(), undefined);
    assert.equal(watched.asked(), 0);
  });

  test("is asked again where that was long ago, or somebody doubts it", async () => {
    using old = watch();
    old.reachability.heard();
    await old.reachability.check(0);
    assert.equal(old.asked(), 1);
    using doubted = watch();
    doubted.reachability.heard();
    doubted.reachability.doubt();
    await doubted.reachability.check();
    assert.equal(doubted.asked(), 1);
  });

  test("is answered at once while it is lost, and work in it ends", async () => {
    using watched = watch({ firstPauseMs: 60_000 });
    const signal = watched.reachability.signal();
    watched.answers("rejected");
    assert.equal(await watched.reachability.check(), "rejected");
    assert.equal(await watched.reachability.check(), "rejected");
    assert.equal(watched.asked(), 1);
    assert.match(String(signal.reason), /rejected/);
  });

  test("is looked after until it is back, which is told", async () => {
    using watched = watch();
    watched.answers("rejected");
    await watched.reachability.check();
    while (watched.asked() < 4) await pause(1);
    watched.answers(undefined);
    await watched.back;
    assert.equal(await watched.reachability.check(), undefined);
    assert.equal(watched.reachability.signal().aborted, false);
  });

  test("is looked after at once when it has answered somebody", async () => {
    using watched = watch({ firstPauseMs: 60_000, longestPauseMs: 60_000 });
    watched.answers("rejected");
    await watched.reachability.check();
    watched.answers(undefined);
    watched.reachability.heard();
    watched.reachability.heard();
    await watched.back;
    assert.equal(watched.asked(), 2);
    assert.equal(await watched.reachability.check(), undefined);
  });

  test("is looked after less often the longer it is lost, and the sooner it was lost again", async () => {
    using watched = watch({ firstPauseMs: 5, longestPauseMs: 60_000 });
    watched.answers("rejected");
    await watched.reachability.check();
    while (watched.asked() < 4) await pause(1);
    watched.answers(undefined);
    await watched.back;
    watched.answers("rejected again");
    watched.reachability.doubt();
    await watched.reachability.check();
    const [asked, lostAt] = [watched.asked(), performance.now()];
    while (watched.asked() === asked) await pause(1);
    // Four pauses that double come before; one that was reset would be 6 ms at most.
    assert.ok(performance.now() - lostAt > 15);
  });

  test("is nobody's business any more in the end", async () => {
    const watched = watch();
    watched.answers("rejected");
    await watched.reachability.check();
    watched[Symbol.dispose]();
    const asked = watched.asked();
    await pause(20);
    assert.equal(watched.asked(), asked);
  });
});

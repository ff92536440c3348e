import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type CacheUse, createTokenCache } from "./token-cache.ts";

const { signal } = new AbortController();
const hour = 3_600_000;

/** A cache, how it was used, and a source that numbers what it makes. */
function opened(maxSize = 10, maxDurationMs = hour) {
  const uses: CacheUse["kind"][] = [];
  const cache = createTokenCache({ maxSize, maxDurationMs, onUse: ({ kind }) => uses.push(kind) });
  let made = 0;
  const ask = async (name: string, lifeMs = hour) =>
    (await cache.get([name], async () => ({ number: ++made, expiresAt: new Date(Date.now() + lifeMs) }), signal))
      .number;
  return { cache, uses, ask };
}

suite("the token cache", () => {
  test("keeps what was made until four fifths of its life are over", async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: 0 });
    const { ask, uses } = opened();
    assert.equal(await ask("a", 100_000), 1);
    context.mock.timers.setTime(79_000);
    assert.equal(await ask("a"), 1);
    context.mock.timers.setTime(81_000);
    assert.equal(await ask("a"), 2);
    assert.deepEqual(uses, ["miss", "hit", "miss"]);
  });

  test("keeps nothing for longer than it is told", async (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: 0 });
    const { ask } = opened(10, 10_000);
    await ask("a");
    context.mock.timers.setTime(11_000);
    assert.equal(await ask("a"), 2);
  });

  test("gives up what was used longest ago where it is full", async () => {
    const { ask, uses } = opened(2);
    for (const name of ["a", "b", "a", "c"]) await ask(name);
    assert.deepEqual(uses, ["miss", "miss", "hit", "eviction", "miss"]);
    assert.equal(await ask("a"), 1);
    assert.equal(await ask("b"), 4);
  });

  test("keeps nothing where its size is 0, nor what has ended already", async () => {
    const none = opened(0);
    assert.deepEqual([await none.ask("a"), await none.ask("a")], [1, 2]);
    const ended = opened();
    assert.deepEqual([await ended.ask("a", -1), await ended.ask("a", -1)], [1, 2]);
  });

  test("asks once for all who ask at the same time, and again after a failure", async () => {
    const { cache, uses } = opened();
    let asked = 0;
    const failing = async (): Promise<{ expiresAt: Date }> => Promise.reject(new Error(`failure ${++asked}`));
    const both = await Promise.allSettled([cache.get(["a"], failing, signal), cache.get(["a"], failing, signal)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    await assert.rejects(cache.get(["a"], failing, signal), { message: "failure 2" });
    assert.deepEqual(uses, ["failure", "failure"]);
  });

  test("lets who is aborted go, and the others have what was made", async () => {
    const { cache } = opened();
    const controller = new AbortController();
    const { promise, resolve } = Promise.withResolvers<{ token: string; expiresAt?: Date }>();
    const leaves = cache.get(["a"], async () => promise, controller.signal);
    const stays = cache.get(["a"], async () => ({ token: "second", expiresAt: undefined }), signal);
    controller.abort(new Error("gone"));
    await assert.rejects(leaves, { message: "gone" });
    resolve({ token: "first" });
    assert.deepEqual(await stays, { token: "first" });
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createSlots, type InSlot } from "./slots.ts";

suite("slots", () => {
  test("let no more work run at a time than there are, in the order in which it came", async () => {
    const slots = openSlots({ count: 2 });
    const works = ["a", "b", "c", "d"].map((name) => slots.start(name));
    await settled();
    assert.deepEqual(slots.running, ["a", "b"]);
    works[0]?.finish();
    await settled();
    assert.deepEqual(slots.running, ["b", "c"]);
    for (const work of works) work.finish();
    await Promise.all(works.map(({ done }) => done));
  });

  test("forget work that is cancelled while it waits", async () => {
    const slots = openSlots({ count: 1 });
    const first = slots.start("a");
    const waiting = slots.start("b", AbortSignal.abort(new Error("overtaken")));
    await assert.rejects(waiting.done, /overtaken/);
    first.finish();
    await first.done;
    assert.deepEqual(slots.running, []);
  });

  test("are free again after work that fails", async () => {
    const slots = openSlots({ count: 1 });
    await assert.rejects(
      slots.inSlot("a", new AbortController().signal, () => Promise.reject(new Error("oops"))),
      /oops/,
    );
    const next = slots.start("b");
    next.finish();
    await next.done;
  });

  test("let slow work go on beside them while others wait, and end more of it", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const slots = openSlots({ count: 1 });
    const works = ["a", "b", "c"].map((name) => slots.start(name));
    await settled();
    context.mock.timers.tick(1000);
    await settled();
    assert.deepEqual(slots.running, ["a", "b"]);
    context.mock.timers.tick(1000);
    await assert.rejects(works[1]?.done ?? Promise.resolve(), /made room/);
    await settled();
    assert.deepEqual(slots.running, ["a", "c"]);
    for (const work of works) work.finish();
    await Promise.all([works[0]?.done, works[2]?.done]);
  });

  test("let work that was ended come to its end when it is tried again, and wait for that", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const slots = openSlots({ count: 1 });
    const works = ["a", "b", "c"].map((name) => slots.start(name));
    for (const _ of [1, 2]) {
      await settled();
      context.mock.timers.tick(1000);
    }
    await assert.rejects(works[1]?.done ?? Promise.resolve(), /made room/);
    const again = slots.start("b");
    works[2]?.finish();
    await settled();
    assert.deepEqual(slots.running, ["a"]);
    works[0]?.finish();
    await settled();
    const others = ["d", "e"].map((name) => slots.start(name));
    for (const _ of [1, 2, 3]) {
      await settled();
      context.mock.timers.tick(1000);
    }
    await settled();
    assert.deepEqual(slots.running, ["b", "e"]);
    for (const work of [again, ...others]) work.finish();
    await again.done;
  });
});

function openSlots({ count }: { count: number }) {
  const inSlot: InSlot = createSlots({ count, beside: 1, patienceMs: 1000, ended: () => new Error("made room") });
  const running: string[] = [];
  const start = (name: string, signal = new AbortController().signal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = inSlot(name, signal, async (during) => {
      running.push(name);
      during.addEventListener("abort", () => resolve());
      await promise;
      running.splice(running.indexOf(name), 1);
      during.throwIfAborted();
    });
    done.catch(() => {});
    return { done, finish: resolve };
  };
  return { inSlot, running, start };
}

/** Lets everything run that does not wait for a timer. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

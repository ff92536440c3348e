import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createSlots, type Slot } from "./slots.ts";

const never = new AbortController().signal;

suite("slots for requests", () => {
  test("lets as many in as the limit says, and the others in their order", async () => {
    const slots = createSlots(2);
    const held = [await slots.take(never), await slots.take(never)];
    const entered: number[] = [];
    const waiting = [1, 2].map(async (number) => {
      const slot = await slots.take(never);
      entered.push(number);
      return slot;
    });
    await Promise.resolve();
    assert.deepEqual(entered, []);
    held.forEach((slot) => slot[Symbol.dispose]());
    await Promise.all(waiting);
    assert.deepEqual(entered, [1, 2]);
  });

  test("halves once for requests rejected together, down to one at a time", async () => {
    const slots = createSlots(8);
    const together = await takeAll(slots, 8);
    for (const slot of together) slot.rejected();
    assert.equal(slots.limit, 4);
    together.forEach((slot) => slot[Symbol.dispose]());
    for (let round = 0; round < 5; round += 1) {
      using slot = await slots.take(never);
      slot.rejected();
    }
    assert.equal(slots.limit, 1);
  });

  test("grows back by about one for each round of accepted requests, and not beyond what it was", async () => {
    const slots = createSlots(4);
    for (let rejections = 0; rejections < 2; rejections += 1) {
      using slot = await slots.take(never);
      slot.rejected();
    }
    assert.equal(slots.limit, 1);
    const limits: number[] = [];
    for (let answers = 0; answers < 20; answers += 1) {
      using slot = await slots.take(never);
      slot.accepted();
      limits.push(slots.limit);
    }
    assert.equal(limits[0], 2);
    assert.ok(limits.indexOf(4) > 4);
    assert.equal(limits.at(-1), 4);
  });

  test("grow with the distance of the server, and shrink when it is near", async () => {
    const { slots, answer } = simulated(10);
    const limits: number[] = [];
    for (let round = 0; round < 15; round += 1) limits.push(await answer(200));
    assert.deepEqual(limits.slice(8, 14), [10, 11, 22, 44, 80, 80]);
    assert.equal(await answer(50), 20);
    assert.equal(await answer(2), 10);
    assert.equal(slots.limit, 10);
  });

  test("do not grow for a server nearby, however loaded it is", async () => {
    const { slots, answer } = simulated(10);
    for (let round = 0; round < 200; round += 1) await answer(round % 50 === 0 ? 2 : 500);
    assert.equal(slots.limit, 10);
  });

  test("do not grow by a few slow answers", async () => {
    const { slots, answer } = simulated(3);
    for (let round = 0; round < 10; round += 1) await answer(5_000);
    assert.equal(slots.limit, 3);
  });

  test("grow by one a round up to the distance once the server has asked for patience", async () => {
    const { slots, answer } = simulated(10);
    for (let round = 0; round < 20; round += 1) await answer(200);
    const rejected = await slots.take(never);
    rejected.rejected();
    rejected[Symbol.dispose]();
    assert.equal(slots.limit, 40);
    for (let round = 0; round < 10; round += 1) await answer(200);
    assert.ok(slots.limit > 45 && slots.limit <= 50, `${slots.limit} after ten rounds`);
  });

  test("who gives up waiting takes nobody's place", async () => {
    const slots = createSlots(1);
    const first = await slots.take(never);
    const impatient = new AbortController();
    const given = slots.take(impatient.signal);
    const next = slots.take(never);
    impatient.abort(new Error("gave up"));
    await assert.rejects(given, /gave up/);
    first[Symbol.dispose]();
    assert.ok(await next);
  });
});

/** Rounds of as many requests as are let in, on a clock of their own. */
function simulated(usual: number) {
  let now = 0;
  const slots = createSlots(usual, () => now);
  const answer = async (tookMs: number) => {
    const held = await takeAll(slots, slots.limit);
    now += tookMs;
    for (const slot of held) slot.accepted();
    held.forEach((slot) => slot[Symbol.dispose]());
    return slots.limit;
  };
  return { slots, answer };
}

function takeAll(slots: ReturnType<typeof createSlots>, count: number): Promise<Slot[]> {
  return Promise.all(Array.from({ length: count }, () => slots.take(never)));
}

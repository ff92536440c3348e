import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { sortInTurns } from "./sort-in-turns.ts";

const { signal } = new AbortController();
const compare = (a: [number, number], b: [number, number]) => a[0] - b[0];

suite("sorting in turns", () => {
  for (const length of [0, 1, 1999, 2000, 2001, 4000, 4001, 13_000]) {
    test(`${length} items, keeps equal ones in their order`, async () => {
      const items = Array.from({ length }, (_, index): [number, number] => [(index * 7919) % 1009, index]);
      assert.deepEqual(await sortInTurns(items, compare, signal), items.toSorted(compare));
    });
  }

  test("lets other work have its turn", async () => {
    const items = Array.from({ length: 300_000 }, (_, index): [number, number] => [-index, index]);
    let turns = 0;
    const other = setInterval(() => (turns += 1), 1);
    await sortInTurns(items, compare, signal);
    clearInterval(other);
    assert.ok(turns > 2, `${turns} turns`);
  });

  test("ends when it is cancelled", async () => {
    const items = Array.from({ length: 300_000 }, (_, index): [number, number] => [-index, index]);
    await assert.rejects(sortInTurns(items, compare, AbortSignal.abort(new Error("overtaken"))), /overtaken/);
  });
});

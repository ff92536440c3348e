import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { randomFrom } from "@leat/testing";
import { type Trigger, triggers } from "./trigger.ts";
import { WaitingLine } from "./waiting-line.ts";

const all = () => true;

/** Takes keys until none is left. */
function drain(line: WaitingLine): string[] {
  const taken: string[] = [];
  for (let next = line.take(all); next; next = line.take(all)) taken.push(next.key);
  return taken;
}

suite("a waiting key", () => {
  test("keeps its place when it is added again for the same reason", () => {
    const line = new WaitingLine();
    for (const key of ["a", "b", "c"]) line.add(key, "source");
    assert.equal(line.take(all)?.key, "a");
    for (const key of ["a", "b", "c"]) line.add(key, "source");
    assert.deepEqual(drain(line), ["b", "c", "a"]);
  });

  test("keeps its place when it is added again for a less urgent reason", () => {
    const line = new WaitingLine();
    line.add("a", "source");
    line.add("b", "source");
    line.add("a", "interval");
    assert.deepEqual(drain(line), ["a", "b"]);
  });

  test("goes before others when its reason becomes more urgent", () => {
    const line = new WaitingLine();
    for (const key of ["a", "b", "c"]) line.add(key, "interval");
    line.add("c", "request");
    assert.deepEqual(drain(line), ["c", "a", "b"]);
  });

  test("is passed over by a more urgent one once, and not by every one", () => {
    const line = new WaitingLine();
    line.add("patient", "interval");
    for (const key of ["urgent 1", "urgent 2"]) line.add(key, "spec");
    assert.deepEqual(drain(line), ["urgent 1", "patient", "urgent 2"]);
  });

  test("goes first once it has waited 5 s", () => {
    let now = 0;
    const line = new WaitingLine(() => now);
    for (const key of ["a", "b"]) line.add(key, "interval");
    now = 4999;
    line.add("urgent", "spec");
    assert.equal(line.take(all)?.key, "urgent");
    now = 5000;
    line.add("urgent", "spec");
    assert.deepEqual(drain(line), ["a", "b", "urgent"]);
  });

  test("that may not run is left where it is", () => {
    const line = new WaitingLine();
    for (const key of ["a", "b", "c"]) line.add(key, "interval");
    assert.equal(line.take((key) => key !== "a")?.key, "b");
    assert.equal(
      line.take(() => false),
      undefined,
    );
    assert.deepEqual(drain(line), ["a", "c"]);
  });
});

const seed = Date.now() % 1_000_000;

test(`whatever is added meanwhile, a key has its turn within twice the length of the line (seed ${seed})`, () => {
  const random = randomFrom(seed);
  for (let round = 0; round < 200; round++) {
    const line = new WaitingLine(() => 0);
    const keys = Array.from({ length: 1 + random.below(40) }, (_, n) => `key ${n}`);
    // Storms of one trigger, of a few urgent keys, and of everything.
    const storm: readonly Trigger[] = random.pick([["source"], ["spec", "interval"], triggers]);
    const hot = random.pick([keys, keys.slice(0, 3)]);
    const latest = new Map<string, number>();
    const add = (key: string, turn: number) => {
      if (line.add(key, random.pick(storm))) latest.set(key, turn + 2 * line.size);
    };
    for (let turn = 0; turn < 400; turn++) {
      const added = turn === 0 ? keys : Array.from({ length: random.below(6) }, () => random.pick(hot));
      for (const key of added) add(key, turn);
      const taken = line.take(all);
      for (const [key, turnOfKey] of latest) assert.ok(turn < turnOfKey, `${key} was not served by turn ${turnOfKey}`);
      if (taken) latest.delete(taken.key);
    }
  }
});

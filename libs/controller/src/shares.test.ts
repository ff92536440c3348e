import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createQueue } from "./queue.ts";

/** A queue of `concurrency` whose runs last until the test ends them; the keys that run, in the order of their start. */
function heldQueue(concurrency: number) {
  const ends = new Map<string, () => void>();
  const queue = createQueue({
    concurrency,
    overtakenBy: [],
    run: (key) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(key, resolve);
      return promise.then(() => void ends.delete(key));
    },
  });
  queue.start();
  const end = async (key: string) => {
    ends.get(key)?.();
    await new Promise(setImmediate);
  };
  return { queue, end, running: () => [...ends.keys()] };
}

function keysOf(namespace: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${namespace}/${n}`);
}

suite("runs of a namespace", () => {
  test("have all workers while nobody else waits", () => {
    const { queue, running } = heldQueue(4);
    for (const key of keysOf("one", 9)) queue.add(key, "created");
    assert.deepEqual(running(), keysOf("one", 4));
  });

  test("that hold all workers leave half as many to another one at once", async () => {
    const { queue, running } = heldQueue(4);
    for (const key of keysOf("greedy", 9)) queue.add(key, "spec");
    for (const key of keysOf("victim", 9)) queue.add(key, "interval");
    assert.deepEqual(running(), [...keysOf("greedy", 4), ...keysOf("victim", 2)]);
  });

  test("of two namespaces that hold all workers leave one to a third at once", () => {
    const { queue, running } = heldQueue(4);
    for (const key of [...keysOf("greedy", 9), ...keysOf("silent", 9), "victim/0"]) queue.add(key, "created");
    assert.deepEqual(running(), [...keysOf("greedy", 4), ...keysOf("silent", 2), "victim/0"]);
  });

  test("are not followed by another of the namespace while it holds its share and others wait", async () => {
    const { queue, end, running } = heldQueue(4);
    for (const key of keysOf("greedy", 9)) queue.add(key, "spec");
    for (const key of keysOf("victim", 9)) queue.add(key, "interval");
    for (const key of ["greedy/0", "greedy/1", "victim/0"]) await end(key);
    assert.deepEqual(running(), ["greedy/2", "greedy/3", "victim/1", "victim/2"]);
  });

  test("are followed by others of it when nobody else waits any more", async () => {
    const { queue, end, running } = heldQueue(2);
    for (const key of keysOf("greedy", 3)) queue.add(key, "spec");
    queue.add("victim/0", "interval");
    for (const key of ["greedy/0", "victim/0"]) await end(key);
    assert.deepEqual(running(), ["greedy/1", "greedy/2"]);
  });

  test("that are forgotten do not count as waiting", async () => {
    const { queue, end, running } = heldQueue(1);
    for (const key of ["one/0", "one/1", "two/0"]) queue.add(key, "created");
    queue.forget("two/0");
    await end("one/0");
    assert.deepEqual(running(), ["one/1"]);
  });
});

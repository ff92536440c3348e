import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createQueue } from "./queue.ts";
import type { Trigger } from "./trigger.ts";

interface Started {
  key: string;
  trigger: Trigger;
  signal: AbortSignal;
  shutdown: AbortSignal;
  end: () => void;
}

/** A queue whose runs end when the test says so. */
function heldQueue(concurrency: number) {
  const started: Started[] = [];
  const waiters: Array<() => void> = [];
  const queue = createQueue({
    concurrency,
    overtakenBy: ["deletion", "revision"],
    run: (key, trigger, signals) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      started.push({ key, trigger, ...signals, end: resolve });
      for (const wake of waiters.splice(0)) wake();
      return promise;
    },
  });
  queue.start();
  const nth = async (n: number): Promise<Started> => {
    while (started.length < n) await new Promise<void>((resolve) => waiters.push(resolve));
    return started[n - 1] as Started;
  };
  return { queue, started, nth };
}

suite("queue", () => {
  test("holds a key once, with its most urgent trigger", async () => {
    const { queue, started, nth } = heldQueue(1);
    queue.add("first", "interval");
    queue.add("app", "interval");
    queue.add("app", "request");
    queue.add("app", "drift");
    (await nth(1)).end();
    const { key, trigger } = await nth(2);
    assert.deepEqual([key, trigger, started.length], ["app", "request", 2]);
  });

  test("runs what is urgent before what waits longer", async () => {
    const { queue, nth } = heldQueue(1);
    queue.add("running", "interval");
    queue.add("by the clock", "interval");
    queue.add("asked for", "request");
    (await nth(1)).end();
    assert.equal((await nth(2)).key, "asked for");
  });

  test("never runs a key twice at the same time, and runs it again where something happened meanwhile", async () => {
    const { queue, started, nth } = heldQueue(2);
    queue.add("app", "created");
    queue.add("app", "source");
    const first = await nth(1);
    assert.equal(started.length, 1);
    assert.equal(first.signal.aborted, false);
    first.end();
    assert.equal((await nth(2)).trigger, "source");
  });

  for (const [trigger, isAborted] of [
    ["deletion", true],
    ["revision", true],
    ["source", false],
    ["spec", false],
  ] as const) {
    test(`${isAborted ? "aborts" : "does not abort"} a run that a ${trigger} comes after, and runs again`, async () => {
      const { queue, nth } = heldQueue(1);
      queue.add("app", "interval");
      const { signal, shutdown, end } = await nth(1);
      queue.add("app", trigger);
      assert.deepEqual([signal.aborted, shutdown.aborted], [isAborted, false]);
      end();
      assert.equal((await nth(2)).trigger, trigger);
    });
  }

  test("lets a run end that three overtaken ones came before, and overtakes later ones again", async () => {
    const { queue, nth } = heldQueue(1);
    queue.add("app", "created");
    const aborted: boolean[] = [];
    for (let n = 1; n <= 6; n++) {
      const { signal, end } = await nth(n);
      // Two of them are one run's worth.
      queue.add("app", "revision");
      queue.add("app", "revision");
      aborted.push(signal.aborted);
      end();
    }
    assert.deepEqual(aborted, [true, true, true, false, true, true]);
  });

  test("aborts by a deletion however often a run was overtaken", async () => {
    const { queue, nth } = heldQueue(1);
    queue.add("app", "created");
    for (let n = 1; n <= 3; n++) {
      const { end } = await nth(n);
      queue.add("app", "revision");
      end();
    }
    const { signal } = await nth(4);
    queue.add("app", "revision");
    assert.equal(signal.aborted, false);
    queue.add("app", "deletion");
    assert.equal(signal.aborted, true);
  });

  test("respects the limit of runs at a time", async () => {
    const { queue, started, nth } = heldQueue(2);
    for (const key of ["a", "b", "c"]) queue.add(key, "created");
    (await nth(2)).end();
    assert.equal((await nth(3)).key, "c");
    assert.equal(started.length, 3);
  });

  test("an urgent trigger takes the place of a delay", async () => {
    const { queue, nth } = heldQueue(1);
    queue.addAfter("app", "interval", 60_000);
    queue.add("app", "source");
    assert.equal((await nth(1)).trigger, "source");
    await stopNow(queue, [await nth(1)]);
  });

  test("forgets a key that is gone", async () => {
    const { queue, started, nth } = heldQueue(1);
    queue.add("running", "created");
    queue.add("gone", "created");
    queue.forget("gone");
    queue.add("last", "created");
    (await nth(1)).end();
    await nth(2);
    assert.deepEqual(
      started.map(({ key }) => key),
      ["running", "last"],
    );
  });

  test("runs nothing before it is started, and then the most urgent first", async () => {
    const runs: string[] = [];
    const queue = createQueue({ concurrency: 1, overtakenBy: [], run: async (key) => void runs.push(key) });
    queue.add("later", "created");
    queue.add("first", "created");
    queue.add("first", "revision");
    assert.deepEqual(runs, []);
    queue.start();
    await queue.stop();
    assert.deepEqual(runs, ["first"]);
  });

  test("stops when what runs has ended, and starts nothing more", async () => {
    const { queue, started, nth } = heldQueue(1);
    queue.add("running", "created");
    queue.add("waiting", "created");
    const { signal, shutdown, end } = await nth(1);
    const stopped = queue.stop();
    assert.deepEqual([signal.aborted, shutdown.aborted], [true, true]);
    end();
    await stopped;
    assert.equal(started.length, 1);
  });
});

async function stopNow(queue: ReturnType<typeof createQueue>, running: Started[]): Promise<void> {
  const stopped = queue.stop();
  for (const { end } of running) end();
  await stopped;
}

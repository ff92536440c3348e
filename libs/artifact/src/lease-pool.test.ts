import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLeasePool } from "./lease-pool.ts";

const { signal } = new AbortController();

suite("a pool", () => {
  test("closes a value that is dropped after its last lease, and not while a caller still waits for it", async () => {
    await using pool = createLeasePool<Value>();
    const [held, awaited] = [newValue(), newValue()];
    const one = await pool.lease("1", async () => held, signal);
    const made = Promise.withResolvers<Value>();
    const waiting = pool.lease("2", () => made.promise, signal);
    await Promise.all([pool.drop("1"), pool.drop("2")]);
    made.resolve(awaited);
    const two = await waiting;
    assert.deepEqual([held.isClosed, awaited.isClosed, two?.value === awaited], [false, false, true]);
    for (const lease of [one, two]) await lease?.[Symbol.asyncDispose]();
    assert.deepEqual([held.isClosed, awaited.isClosed], [true, true]);
  });

  test("makes another value after one that was dropped", async () => {
    await using pool = createLeasePool<Value>();
    const [first, second] = [newValue(), newValue()];
    const held = await pool.lease("1", async () => first, signal);
    await pool.drop("1");
    const next = await pool.lease("1", async () => second, signal);
    assert.equal(next?.value, second);
    await held?.[Symbol.asyncDispose]();
    assert.deepEqual([first.isClosed, second.isClosed], [true, false]);
  });

  test("drops what was unused for longest, and nothing that is in use", async () => {
    await using pool = createLeasePool<Value>();
    const values = [newValue(), newValue(), newValue()];
    const take = (index: number) => pool.lease(`${index}`, async () => values[index], signal);
    for (const index of [0, 1]) await (await take(index))?.[Symbol.asyncDispose]();
    await (await take(0))?.[Symbol.asyncDispose]();
    const held = await take(2);
    const dropped = [];
    while (await pool.dropUnused()) dropped.push(values.map(({ isClosed }) => isClosed));
    assert.deepEqual(dropped, [
      [false, true, false],
      [true, true, false],
    ]);
    await held?.[Symbol.asyncDispose]();
  });

  test("makes a value again after a failure, and after nothing came of it", async () => {
    await using pool = createLeasePool<Value>();
    const failing = async () => {
      throw new Error("not now");
    };
    await assert.rejects(pool.lease("1", failing, signal), /not now/);
    assert.equal(await pool.lease("1", async () => undefined, signal), undefined);
    const value = newValue();
    assert.equal((await pool.lease("1", async () => value, signal))?.value, value);
  });

  test("closes a value that was made after all its callers were cancelled", async () => {
    await using pool = createLeasePool<Value>();
    const [late, next] = [newValue(), newValue()];
    const made = Promise.withResolvers<Value>();
    const cancelled = new AbortController();
    const waiting = pool.lease("1", () => made.promise, cancelled.signal);
    cancelled.abort(new Error("overtaken"));
    await assert.rejects(waiting, /overtaken/);
    const lease = await pool.lease("1", async () => next, signal);
    made.resolve(late);
    await late.closed;
    assert.deepEqual([lease?.value === next, next.isClosed], [true, false]);
  });

  test("closes everything with itself, also what is still being made", async () => {
    const pool = createLeasePool<Value>();
    const [idle, late] = [newValue(), newValue()];
    await (await pool.lease("1", async () => idle, signal))?.[Symbol.asyncDispose]();
    const aborted = (until: AbortSignal) =>
      new Promise<Value>((resolve) => until.addEventListener("abort", () => resolve(late), { once: true }));
    const waiting = pool.lease("2", aborted, signal);
    const [outcome] = await Promise.all([waiting.catch((error: Error) => error.message), pool[Symbol.asyncDispose]()]);
    assert.deepEqual([outcome, idle.isClosed, late.isClosed], ["the pool is closed", true, true]);
  });
});

interface Value extends AsyncDisposable {
  isClosed: boolean;
  closed: Promise<void>;
}

function newValue(): Value {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const value: Value = {
    isClosed: false,
    closed,
    [Symbol.asyncDispose]: async () => {
      value.isClosed = true;
      resolve();
    },
  };
  return value;
}

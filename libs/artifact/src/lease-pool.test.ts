import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLeasePool } from "./lease-pool.ts";

const { signal } = new AbortController();

suite("a pool", () => {
  test("closes a value after its last lease, and not while a caller still waits for it", async () => {
    await using pool = createLeasePool<Value>(0);
    const [one, two] = [newValue(), newValue()];
    const held = await pool.lease("1", async () => one, signal);
    const made = Promise.withResolvers<Value>();
    const waiting = pool.lease("2", () => made.promise, signal);
    made.resolve(two);
    await held?.[Symbol.asyncDispose]();
    const lease = await waiting;
    assert.deepEqual([one.isClosed, two.isClosed, lease?.value === two], [true, false, true]);
    await lease?.[Symbol.asyncDispose]();
    assert.equal(two.isClosed, true);
  });

  test("makes a value again after a failure, and after nothing came of it", async () => {
    await using pool = createLeasePool<Value>(9);
    const failing = async () => {
      throw new Error("not now");
    };
    await assert.rejects(pool.lease("1", failing, signal), /not now/);
    assert.equal(await pool.lease("1", async () => undefined, signal), undefined);
    const value = newValue();
    assert.equal((await pool.lease("1", async () => value, signal))?.value, value);
  });

  test("closes a value that was made after all its callers were cancelled", async () => {
    await using pool = createLeasePool<Value>(9);
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
    const pool = createLeasePool<Value>(9);
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

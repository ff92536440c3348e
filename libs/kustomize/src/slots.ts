/** Waits for one of a number of slots; to be given back by disposing of it. */
export type TakeSlot = (signal: AbortSignal) => Promise<Disposable>;

export function createSlots(count: number): TakeSlot {
  const waiting = new Set<() => void>();
  let free = count;

  const release = () => {
    free += 1;
    const [next] = waiting;
    next?.();
  };
  const take = (): Disposable => {
    free -= 1;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) release();
        held = false;
      },
    };
  };

  return async (signal) => {
    signal.throwIfAborted();
    if (free > 0) return take();
    const { promise, resolve, reject } = Promise.withResolvers<Disposable>();
    const grant = () => {
      waiting.delete(grant);
      signal.removeEventListener("abort", onAbort);
      resolve(take());
    };
    const onAbort = () => {
      waiting.delete(grant);
      reject(signal.reason);
    };
    waiting.add(grant);
    signal.addEventListener("abort", onAbort, { once: true });
    return promise;
  };
}

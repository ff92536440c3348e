/** Does work when one of a number of slots is free. */
export type InSlot = <Result>(signal: AbortSignal, work: () => Promise<Result>) => Promise<Result>;

export function createSlots(count: number): InSlot {
  const waiting = new Set<() => void>();
  let free = count;

  const release = () => {
    free += 1;
    const [next] = waiting;
    next?.();
  };

  const take = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const grant = () => {
      free -= 1;
      leave();
      resolve();
    };
    const onAbort = () => {
      leave();
      reject(signal.reason);
    };
    const leave = () => {
      waiting.delete(grant);
      signal.removeEventListener("abort", onAbort);
    };
    waiting.add(grant);
    signal.addEventListener("abort", onAbort, { once: true });
    if (free > 0) grant();
    return promise;
  };

  return async (signal, work) => {
    await take(signal);
    try {
      return await work();
    } finally {
      release();
    }
  };
}

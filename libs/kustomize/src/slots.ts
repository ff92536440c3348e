/** Does work when one of a number of slots is free. The signal it is given also says that it has lost its place. */
export type InSlot = <Result>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>) => Promise<Result>;

export interface SlotsOptions {
  count: number;
  /** Work that takes longer gives its slot to what waits for one. */
  patienceMs: number;
  /** Why work is ended that takes longer and has to make room. */
  ended: () => Error;
}

interface Work {
  isSlow: boolean;
  end: AbortController;
}

/**
 * Makes slots that nobody can keep from others: what is slow goes on beside the slots while others wait, but no more of it at a
 * time than there are slots. Then what has taken longest is ended.
 */
export function createSlots({ count, patienceMs, ended }: SlotsOptions): InSlot {
  const waiting = new Set<() => void>();
  const inSlots = new Set<Work>();
  const beside = new Set<Work>();

  const makeRoom = () => {
    while (waiting.size > 0 && inSlots.size === count) {
      const slow = [...inSlots].find(({ isSlow }) => isSlow);
      if (slow === undefined) return;
      inSlots.delete(slow);
      beside.add(slow);
      const [longest] = beside;
      if (beside.size > count && longest) {
        beside.delete(longest);
        longest.end.abort(ended());
      }
      grantNext();
    }
  };

  const grantNext = () => {
    const [next] = waiting;
    next?.();
  };

  const take = async (work: Work, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const grant = () => {
      inSlots.add(work);
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
    if (inSlots.size < count) grant();
    else makeRoom();
    return promise;
  };

  return async (signal, work) => {
    const own: Work = { isSlow: false, end: new AbortController() };
    await take(own, signal);
    const timer = setTimeout(() => {
      own.isSlow = true;
      makeRoom();
    }, patienceMs);
    try {
      return await work(AbortSignal.any([signal, own.end.signal]));
    } finally {
      clearTimeout(timer);
      beside.delete(own);
      if (inSlots.delete(own)) grantNext();
    }
  };
}

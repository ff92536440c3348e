/** How many requests may be under way: halves when the server asks for patience, and grows back by one a round of answers. */
export interface Slots {
  /** Waits for a slot. Rejects with the signal's reason when it aborts first. */
  take: (signal: AbortSignal) => Promise<Slot>;
  /** How many may be under way now. */
  readonly limit: number;
}

export interface Slot extends Disposable {
  /** The server was not overloaded by this request. */
  accepted: () => void;
  /** The server asked to come back later. Many such answers to requests sent at the same time count as one. */
  refused: () => void;
}

interface Waiting {
  admit: () => void;
}

/** Additive increase, multiplicative decrease between 1 and `most`; waiting requests are let in in their order. */
export function createSlots(most: number): Slots {
  let limit = most;
  let underWay = 0;
  let lastDecrease = Number.NEGATIVE_INFINITY;
  const queue = new Set<Waiting>();

  const admitNext = () => {
    for (const next of queue) {
      if (underWay >= Math.floor(limit)) return;
      queue.delete(next);
      underWay += 1;
      next.admit();
    }
  };
  const open = (): Slot => {
    const since = performance.now();
    return {
      accepted: () => {
        limit = Math.min(most, limit + 1 / limit);
      },
      refused: () => {
        if (since < lastDecrease) return;
        lastDecrease = performance.now();
        limit = Math.max(1, limit / 2);
      },
      [Symbol.dispose]: () => {
        underWay -= 1;
        admitNext();
      },
    };
  };
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      if (underWay < Math.floor(limit) && queue.size === 0) underWay += 1;
      else await turn(queue, signal);
      return open();
    },
    get limit() {
      return Math.floor(limit);
    },
  };
}

function turn(queue: Set<Waiting>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => {
    queue.delete(waiting);
    reject(signal.reason);
  };
  const waiting = {
    admit: () => {
      signal.removeEventListener("abort", abort);
      resolve();
    },
  };
  queue.add(waiting);
  signal.addEventListener("abort", abort, { once: true });
  return promise;
}

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
  rejected: () => void;
}

interface Waiting {
  admit: () => void;
}

interface State {
  readonly most: number;
  limit: number;
  underWay: number;
  lastDecrease: number;
  readonly queue: Set<Waiting>;
}

/** Additive increase, multiplicative decrease between 1 and `most`; waiting requests are let in in their order. */
export function createSlots(most: number): Slots {
  const state: State = { most, limit: most, underWay: 0, lastDecrease: Number.NEGATIVE_INFINITY, queue: new Set() };
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      if (isFree(state) && state.queue.size === 0) state.underWay += 1;
      else await turn(state.queue, signal);
      return openSlot(state);
    },
    get limit() {
      return Math.floor(state.limit);
    },
  };
}

function isFree({ underWay, limit }: State): boolean {
  return underWay < Math.floor(limit);
}

function openSlot(state: State): Slot {
  const since = performance.now();
  return {
    accepted: () => {
      state.limit = Math.min(state.most, state.limit + 1 / state.limit);
    },
    rejected: () => {
      if (since < state.lastDecrease) return;
      state.lastDecrease = performance.now();
      state.limit = Math.max(1, state.limit / 2);
    },
    [Symbol.dispose]: () => {
      state.underWay -= 1;
      admitNext(state);
    },
  };
}

function admitNext(state: State): void {
  for (const next of state.queue) {
    if (!isFree(state)) return;
    state.queue.delete(next);
    state.underWay += 1;
    next.admit();
  }
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

import { createDistance, type Distance } from "./distance.ts";

/**
 * How many requests may be under way: halves when the server asks for patience, and grows back by one a round of answers. There may be
 * more to a server that is far away: most of the time they are on their way and cost it nothing.
 */
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
  readonly now: () => number;
  readonly distance: Distance;
  /** The most to a server nearby. */
  readonly usual: number;
  limit: number;
  /** Up to here the limit grows with each answer, so that it doubles in a round. */
  untilRejected: number;
  underWay: number;
  lastDecrease: number;
  readonly queue: Set<Waiting>;
}

/** How many times the usual limit there may be. */
export const mostGrowth = 8;
/** Milliseconds. A server in the same region is nearer; from 200 ms on, the limit is eight times the usual one. */
const nearby = 25;

/** Additive increase, multiplicative decrease from 1 on; waiting requests are let in in their order. */
export function createSlots(usual: number, now: () => number = () => performance.now()): Slots {
  const state: State = {
    now,
    distance: createDistance(now),
    usual,
    limit: usual,
    untilRejected: Number.POSITIVE_INFINITY,
    underWay: 0,
    lastDecrease: Number.NEGATIVE_INFINITY,
    queue: new Set(),
  };
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
  const since = state.now();
  return {
    accepted: () => {
      state.distance.note(state.now() - since);
      const step = state.limit < state.untilRejected ? 1 : 1 / state.limit;
      state.limit = Math.min(ceilingOf(state), state.limit + step);
    },
    rejected: () => {
      if (since < state.lastDecrease) return;
      state.lastDecrease = state.now();
      state.limit = Math.max(1, state.limit / 2);
      state.untilRejected = state.limit;
    },
    [Symbol.dispose]: () => {
      state.underWay -= 1;
      admitNext(state);
    },
  };
}

function ceilingOf({ usual, distance }: State): number {
  return usual * Math.min(mostGrowth, Math.max(1, distance.ms / nearby));
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

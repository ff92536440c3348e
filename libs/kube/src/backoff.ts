import { setTimeout as pause } from "node:timers/promises";

/** Growing, jittered pauses between attempts. */
export interface Backoff {
  /** Waits for the next pause, at least `atLeastMs`; rejects when the signal aborts. */
  wait: (signal: AbortSignal, atLeastMs?: number) => Promise<void>;
  /** The next pause is the shortest again. */
  reset: () => void;
}

/** Doubles from `firstMs` to `longestMs`; each pause is between half of that and all of it, so that many clients spread out. */
export function createBackoff(firstMs: number, longestMs: number): Backoff {
  let nextMs = firstMs;
  return {
    wait: async (signal, atLeastMs = 0) => {
      const jittered = nextMs * (0.5 + Math.random() / 2);
      nextMs = Math.min(nextMs * 2, longestMs);
      await pause(atLeastMs > 0 ? atLeastMs + jittered : jittered, undefined, { signal });
    },
    reset: () => {
      nextMs = firstMs;
    },
  };
}

/** Exponential backoff per key, with jitter: 0.75 to 1.25 of `min · 2^failures`, at most `max`. */
export interface Backoff {
  next: (key: string) => number;
  reset: (key: string) => void;
}

export function createBackoff(minMs: number, maxMs: number, random: () => number = Math.random): Backoff {
  const failures = new Map<string, number>();
  return {
    next: (key) => {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      const delay = Math.min(maxMs, minMs * 2 ** Math.min(count, 40));
      return Math.min(maxMs, delay * (0.75 + random() / 2));
    },
    reset: (key) => void failures.delete(key),
  };
}

/** `ms` moved uniformly by up to `percent` in both directions. */
export function jittered(ms: number, percent: number, random: () => number = Math.random): number {
  return ms * (1 + ((random() * 2 - 1) * percent) / 100);
}

/** How far away a server is, by how long it has taken to answer lately. */
export interface Distance {
  /** Takes note of an answer. */
  note: (tookMs: number) => void;
  /** The shortest answer of the last minute, in ms; 0 as long as there were too few. */
  readonly ms: number;
}

// As few may all be slow answers of a server nearby.
const fewest = 100;
const periodMs = 30_000;

interface Period {
  since: number;
  count: number;
  shortest: number;
}

/**
 * The minimum tells distance from load: of a loaded server nearby some answers still take a millisecond or two, and of one far
 * away none takes less than the way there and back.
 */
export function createDistance(now: () => number): Distance {
  let before: Period | undefined;
  let current = begin(now());
  return {
    note: (tookMs) => {
      current.count += 1;
      current.shortest = Math.min(current.shortest, tookMs);
      if (current.count < fewest || now() - current.since < periodMs) return;
      before = current;
      current = begin(now());
    },
    get ms() {
      const count = (before?.count ?? 0) + current.count;
      return count < fewest ? 0 : Math.min(before?.shortest ?? Number.POSITIVE_INFINITY, current.shortest);
    },
  };
}

function begin(since: number): Period {
  return { since, count: 0, shortest: Number.POSITIVE_INFINITY };
}

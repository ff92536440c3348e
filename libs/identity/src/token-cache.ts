import { hash } from "node:crypto";

/** What has to be requested again when it ends; `undefined` where it never does. */
export interface Ending {
  expiresAt?: Date | undefined;
}

/** Keeps what clouds have given until most of its life is over. */
export interface TokenCache {
  /**
   * What is kept for these parts, or what `make` gives now. Who asks for the same at the same time waits for one `make`,
   * which is not ended by anybody's signal.
   *
   * @param parts all that tells it from others
   */
  get: <Value extends Ending>(
    parts: readonly unknown[],
    make: (signal: AbortSignal) => Promise<Value>,
    signal: AbortSignal,
  ) => Promise<Value>;
}

export interface TokenCacheOptions {
  /** So many are kept, those that were used last; none where it is 0. */
  maxSize: number;
  /** Nothing is kept for longer. */
  maxDurationMs: number;
  onUse?: (use: CacheUse) => void;
}

/** What became of a question, and how much is kept after it. */
export interface CacheUse {
  kind: "hit" | "miss" | "failure" | "eviction";
  size: number;
}

/** Kubelets renew the tokens of accounts at the same point. */
const usedLife = 0.8;

/** Longer than this nobody keeps a token, whatever the options say. */
const longestMs = 3_600_000;

/** For so long a cloud may take to give one. */
const patienceMs = 60_000;

interface Kept {
  value: Ending;
  /** By the clock on the wall and by the one that nobody sets: the first to come ends it. */
  wallUntil: number;
  runUntil: number;
}

export function createTokenCache(options: TokenCacheOptions): TokenCache {
  const shelf = createShelf(options);
  const making = new Map<string, Promise<Ending>>();

  const make = async (key: string, source: (signal: AbortSignal) => Promise<Ending>) => {
    try {
      const value = await source(AbortSignal.timeout(patienceMs));
      shelf.put(key, value);
      shelf.tell("miss");
      return value;
    } catch (error) {
      shelf.tell("failure");
      throw error;
    } finally {
      making.delete(key);
    }
  };

  return {
    get: async <Value extends Ending>(
      parts: readonly unknown[],
      source: (signal: AbortSignal) => Promise<Value>,
      signal: AbortSignal,
    ) => {
      signal.throwIfAborted();
      const key = hash("sha256", JSON.stringify(parts));
      const known = shelf.take(key);
      if (known !== undefined) {
        shelf.tell("hit");
        return known as Value;
      }
      const made = making.getOrInsertComputed(key, async () => make(key, source));
      return (await unlessAborted(made, signal)) as Value;
    },
  };
}

/** What is kept, what was used last at the end. */
function createShelf({ maxSize, maxDurationMs, onUse = () => {} }: TokenCacheOptions) {
  const kept = new Map<string, Kept>();
  const tell = (kind: CacheUse["kind"]) => onUse({ kind, size: kept.size });
  return {
    tell,
    take: (key: string): Ending | undefined => {
      const known = kept.get(key);
      kept.delete(key);
      if (known === undefined || Date.now() >= known.wallUntil || performance.now() >= known.runUntil) return undefined;
      kept.set(key, known);
      return known.value;
    },
    put: (key: string, value: Ending) => {
      if (value.expiresAt === undefined || maxSize === 0) return;
      const lifeMs = (value.expiresAt.getTime() - Date.now()) * usedLife;
      const forMs = Math.min(lifeMs, maxDurationMs, longestMs);
      if (forMs <= 0) return;
      kept.set(key, { value, wallUntil: Date.now() + forMs, runUntil: performance.now() + forMs });
      const [oldest = key] = kept.keys();
      if (kept.size <= maxSize) return;
      kept.delete(oldest);
      tell("eviction");
    },
  };
}

async function unlessAborted<Value>(awaited: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([awaited, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

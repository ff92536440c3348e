import type { LeasePool } from "./lease-pool.ts";

/** Values of a pool that others replace. */
export interface Outdated {
  /** The value is removed when its successor is there; at once if it has none. */
  add: (key: string, successor: string | undefined) => Promise<void>;
  /** Removes what the value with this key replaces. */
  removeFor: (successor: string) => Promise<void>;
}

export function createOutdated(pool: Pick<LeasePool<unknown>, "has" | "drop">): Outdated {
  const has = (key: string) => pool.has(key);
  const bySuccessor = new Map<string, Set<string>>();
  const take = (successor: string): string[] => {
    const keys = [...(bySuccessor.get(successor) ?? [])].filter(has);
    bySuccessor.delete(successor);
    return keys;
  };
  const remove = async (keys: readonly string[]) => {
    await Promise.all(keys.map((key) => pool.drop(key)));
  };
  return {
    add: async (key, successor) => {
      // What it should have replaced itself, and did not, is of use to its successor.
      const keys = [...take(key), key].filter(has);
      if (successor === undefined) return remove(keys);
      const all = new Set([...(bySuccessor.get(successor) ?? []), ...keys]);
      if (all.size > 0) bySuccessor.set(successor, all);
    },
    removeFor: (successor) => remove(take(successor).filter((key) => key !== successor)),
  };
}

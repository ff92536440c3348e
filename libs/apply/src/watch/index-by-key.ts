/** Values by a key; keys without values take no memory. */
export interface Index {
  add: (key: string, value: string) => void;
  delete: (key: string, value: string) => void;
  /** A copy: it may be walked through while the index changes. */
  of: (key: string) => readonly string[];
}

export function createIndex(): Index {
  const sets = new Map<string, Set<string>>();
  return {
    add: (key, value) => {
      const values = sets.get(key);
      if (values === undefined) sets.set(key, new Set([value]));
      else values.add(value);
    },
    delete: (key, value) => {
      const values = sets.get(key);
      if (values?.delete(value) && values.size === 0) sets.delete(key);
    },
    of: (key) => [...(sets.get(key) ?? [])],
  };
}

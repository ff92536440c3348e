/** Values by a key; keys without values take no memory. */
export interface Index {
  add: (key: string, value: string) => void;
  delete: (key: string, value: string) => void;
  /** The value is at other keys than before. */
  replace: (value: string, before: Iterable<string>, after: Iterable<string>) => void;
  /** A copy: it may be walked through while the index changes. */
  of: (key: string) => readonly string[];
}

export function createIndex(): Index {
  const sets = new Map<string, Set<string>>();
  const add = (key: string, value: string) => {
    const values = sets.get(key);
    if (values === undefined) sets.set(key, new Set([value]));
    else values.add(value);
  };
  const remove = (key: string, value: string) => {
    const values = sets.get(key);
    if (values?.delete(value) && values.size === 0) sets.delete(key);
  };
  return {
    add,
    delete: remove,
    replace: (value, before, after) => {
      for (const key of before) remove(key, value);
      for (const key of after) add(key, value);
    },
    of: (key) => [...(sets.get(key) ?? [])],
  };
}

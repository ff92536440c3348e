import { createIndex } from "./index-by-key.ts";
import type { LastApplied } from "./sync-state.ts";

/** What is known of the objects of one resource, per key and owner: several owners may apply one object. */
export interface KnownObjects {
  of: (key: string) => readonly LastApplied[];
  find: (key: string, owner: string) => LastApplied | undefined;
  /** Replaces what this owner knew. */
  set: (key: string, known: LastApplied) => void;
  /** The owner has released the object. */
  delete: (key: string, owner: string) => void;
  /** Those that the owner knows, as they are now. */
  keysOf: (owner: string) => readonly string[];
  all: () => Iterable<[key: string, known: LastApplied]>;
  isEmpty: () => boolean;
}

/** @param onReleased called for an owner that lost the object to one that has released it */
export function createKnownObjects(onReleased: (loser: LastApplied, key: string) => void): KnownObjects {
  // Almost all objects have one owner, and an array for each would cost more than what it holds.
  const entries = new Map<string, LastApplied | LastApplied[]>();
  const owned = createIndex();
  const of = (key: string) => listOf(entries.get(key));
  const put = (key: string, [first, ...more]: readonly LastApplied[]) => {
    if (first === undefined) entries.delete(key);
    else entries.set(key, more.length === 0 ? first : [first, ...more]);
  };
  return {
    of,
    find: (key, owner) => of(key).find((known) => known.owner === owner),
    set: (key, known) => {
      put(key, [...of(key).filter(({ owner }) => owner !== known.owner), known]);
      owned.add(known.owner, key);
    },
    delete: (key, owner) => {
      const before = of(key);
      const left = before.filter((known) => known.owner !== owner);
      if (left.length === before.length) return;
      put(key, left);
      owned.delete(owner, key);
      for (const loser of left) if (loser.takenBy === owner) onReleased(loser, key);
    },
    keysOf: owned.of,
    *all() {
      for (const [key, known] of entries) for (const one of listOf(known)) yield [key, one];
    },
    isEmpty: () => entries.size === 0,
  };
}

function listOf(known: LastApplied | LastApplied[] | undefined): readonly LastApplied[] {
  if (known === undefined) return [];
  return Array.isArray(known) ? known : [known];
}

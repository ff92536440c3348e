import type { Resource } from "@leat/api";
import type { LastApplied } from "./sync-state.ts";
import { startKindWatch, type KindWatch, type KindWatchOptions } from "./kind-watch.ts";

/** The kindWatches of all resources that were applied. */
export interface KindWatches extends AsyncDisposable {
  /** Only where it was started. */
  find: (group: string, kind: string) => KindWatch | undefined;
  /** A view for one run: what it has asked for is not stopped before it is disposed of. */
  use: () => KindWatchesInUse;
  /** Drops what is known of an owner's objects but these, by the ids of their inventory entries. */
  keep: (owner: string, ids: ReadonlySet<string>) => void;
  /** Drops what is known of an owner's objects, and the watches that nobody needs any more. */
  forget: (owner: string) => void;
}

export interface KindWatchesInUse extends Disposable {
  /** Starts the watch where there is none yet. */
  of: (resource: Resource) => KindWatch;
  /** Only where it was started. */
  find: (group: string, kind: string) => KindWatch | undefined;
}

export type KindWatchesOptions = Omit<KindWatchOptions, "resource" | "onChange" | "onDrift"> & {
  onChange: (key: string, resource: Resource) => void;
  onDrift: (known: LastApplied, key: string, resource: Resource) => void;
};

interface Entry {
  kindWatch: KindWatch;
  users: number;
}

export function createKindWatches(options: KindWatchesOptions): KindWatches {
  // By group and kind: another version of a resource shows the same objects with the same resourceVersions.
  const entries = new Map<string, Entry>();
  const endings = new Set<Promise<void>>();
  const stop = (key: string, { kindWatch }: Entry) => {
    entries.delete(key);
    const ending = kindWatch.stop().finally(() => endings.delete(ending));
    endings.add(ending);
  };
  const sweep = () => {
    for (const [key, entry] of entries) if (entry.users === 0 && entry.kindWatch.isIdle()) stop(key, entry);
  };
  return {
    find: (group, kind) => entries.get(keyOf(group, kind))?.kindWatch,
    use: () => useOf(entries, (resource) => start(options, resource), sweep),
    keep: (owner, ids) => {
      for (const { kindWatch } of entries.values()) kindWatch.keep(owner, ids);
    },
    forget: (owner) => {
      for (const { kindWatch } of entries.values()) kindWatch.keep(owner, new Set());
      sweep();
    },
    [Symbol.asyncDispose]: async () => {
      for (const [key, entry] of entries) stop(key, entry);
      await Promise.all(endings);
    },
  };
}

function useOf(
  entries: Map<string, Entry>,
  startOne: (resource: Resource) => KindWatch,
  sweep: () => void,
): KindWatchesInUse {
  const used = new Set<Entry>();
  return {
    of: (resource) => {
      const key = keyOf(resource.group, resource.kind);
      const entry = entries.get(key) ?? { kindWatch: startOne(resource), users: 0 };
      entries.set(key, entry);
      if (!used.has(entry)) {
        used.add(entry);
        entry.users += 1;
      }
      return entry.kindWatch;
    },
    find: (group, kind) => entries.get(keyOf(group, kind))?.kindWatch,
    [Symbol.dispose]: () => {
      for (const entry of used) entry.users -= 1;
      used.clear();
      sweep();
    },
  };
}

function start(options: KindWatchesOptions, resource: Resource): KindWatch {
  return startKindWatch({
    ...options,
    resource,
    onChange: (key) => options.onChange(key, resource),
    onDrift: (known, key) => options.onDrift(known, key, resource),
  });
}

function keyOf(group: string, kind: string): string {
  return `${group}/${kind}`;
}

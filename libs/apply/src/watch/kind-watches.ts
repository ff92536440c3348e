import type { Resource } from "@leat/api";
import type { Known } from "./live.ts";
import { startTrack, type Track, type TrackOptions } from "./kind-watch.ts";

/** The tracks of all resources that were applied. */
export interface Tracks extends AsyncDisposable {
  /** Only where it was started. */
  find: (group: string, kind: string) => Track | undefined;
  /** A view for one run: what it has asked for is not stopped before it is disposed of. */
  use: () => TracksInUse;
  /** Drops what is known of an owner's objects but these, by the ids of their inventory entries. */
  keep: (owner: string, ids: ReadonlySet<string>) => void;
  /** Drops what is known of an owner's objects, and the watches that nobody needs any more. */
  forget: (owner: string) => void;
}

export interface TracksInUse extends Disposable {
  /** Starts the watch where there is none yet. */
  of: (resource: Resource) => Track;
  /** Only where it was started. */
  find: (group: string, kind: string) => Track | undefined;
}

export type TracksOptions = Omit<TrackOptions, "resource" | "onChange" | "onDrift"> & {
  onChange: (key: string, resource: Resource) => void;
  onDrift: (known: Known, key: string, resource: Resource) => void;
};

interface Entry {
  track: Track;
  users: number;
}

export function createTracks(options: TracksOptions): Tracks {
  // By group and kind: another version of a resource shows the same objects with the same resourceVersions.
  const entries = new Map<string, Entry>();
  const endings = new Set<Promise<void>>();
  const stop = (key: string, { track }: Entry) => {
    entries.delete(key);
    const ending = track.stop().finally(() => endings.delete(ending));
    endings.add(ending);
  };
  const sweep = () => {
    for (const [key, entry] of entries) if (entry.users === 0 && entry.track.isIdle()) stop(key, entry);
  };
  return {
    find: (group, kind) => entries.get(keyOf(group, kind))?.track,
    use: () => useOf(entries, (resource) => start(options, resource), sweep),
    keep: (owner, ids) => {
      for (const { track } of entries.values()) track.keep(owner, ids);
    },
    forget: (owner) => {
      for (const { track } of entries.values()) track.keep(owner, new Set());
      sweep();
    },
    [Symbol.asyncDispose]: async () => {
      for (const [key, entry] of entries) stop(key, entry);
      await Promise.all(endings);
    },
  };
}

function useOf(entries: Map<string, Entry>, startOne: (resource: Resource) => Track, sweep: () => void): TracksInUse {
  const used = new Set<Entry>();
  return {
    of: (resource) => {
      const key = keyOf(resource.group, resource.kind);
      const entry = entries.get(key) ?? { track: startOne(resource), users: 0 };
      entries.set(key, entry);
      if (!used.has(entry)) {
        used.add(entry);
        entry.users += 1;
      }
      return entry.track;
    },
    find: (group, kind) => entries.get(keyOf(group, kind))?.track,
    [Symbol.dispose]: () => {
      for (const entry of used) entry.users -= 1;
      used.clear();
      sweep();
    },
  };
}

function start(options: TracksOptions, resource: Resource): Track {
  return startTrack({
    ...options,
    resource,
    onChange: (key) => options.onChange(key, resource),
    onDrift: (known, key) => options.onDrift(known, key, resource),
  });
}

function keyOf(group: string, kind: string): string {
  return `${group}/${kind}`;
}

import { setImmediate } from "node:timers/promises";
import type { KubeObject } from "@leat/api";
import type { Kube, Selection, WatchEvent } from "./kube.ts";

export interface Change<Object> {
  /** Absent for a new object. */
  before?: Object;
  /** Absent for a deleted object. */
  after?: Object;
}

/** What a watch has seen: a cache in memory that is complete once `synced` resolves. */
export interface Store<Object extends KubeObject = KubeObject> {
  get: (namespace: string | undefined, name: string) => Object | undefined;
  list: () => Iterable<Object>;
  /** Resolves when the first list is in; rejects with the signal's reason where that aborts before. */
  synced: Promise<void>;
  /** Settles when the watch has ended: resolves after the signal's abort. */
  done: Promise<void>;
}

export interface StoreOptions<Object> {
  signal: AbortSignal;
  /** Called after the store has changed, once per object that differs; also for what a new list no longer has. */
  onChange?: (change: Change<Object>) => void;
  /** Called after a whole list was taken in, with its resourceVersion: what is not in the store did not exist then. */
  onListed?: (resourceVersion: string) => void;
  /** Called when the watch goes on where it was broken off; what was missed meanwhile comes next. */
  onResume?: () => void;
  /** Shapes what is kept, for instance to drop large fields; the object itself where it is absent. */
  keep?: (object: KubeObject) => Object;
  /**
   * Told what the other functions threw, and of each failed attempt to list or watch. The store goes on in any case. Where
   * it is absent, a warning of the process is emitted.
   */
  onError?: (error: Error) => void;
}

interface Entry<Object> {
  resourceVersion: string | undefined;
  object: Object;
}

/** Follows a watch into a {@link Store}. Unchanged objects (same resourceVersion) in a new list give no change. */
export function startStore<Object extends KubeObject = KubeObject>(
  kube: Kube,
  selection: Selection,
  options: StoreOptions<Object>,
): Store<Object> {
  const entries = new Map<string, Entry<Object>>();
  const synced = Promise.withResolvers<void>();
  // Who does not wait for it does not want to hear that it will not come.
  synced.promise.catch(() => {});
  const report = options.onError ?? ((error: Error) => process.emitWarning(error));
  const changes = changesOf(entries, options, report);

  const follow = async () => {
    const { signal } = options;
    const handlers = { keep: changes.listing, onFailure: report, onResume: changes.resumed };
    for await (const event of kube.watch(selection, signal, handlers)) {
      await take(event, changes);
      if (event.type === "listed") synced.resolve();
    }
    synced.reject(signal.reason);
  };
  return {
    get: (namespace, name) => entries.get(keyOf(namespace, name))?.object,
    list: () => objectsOf(entries),
    synced: synced.promise,
    done: follow(),
  };
}

/** An object of a list; without the object itself if it is unchanged, or could not be shaped. */
interface Listing<Object> {
  key: string;
  entry?: Entry<Object>;
}

interface Changes<Object> {
  keys: () => Iterable<string>;
  /** Shapes an object of a list that is still being read. */
  listing: (object: KubeObject) => Listing<Object>;
  take: (listing: Listing<Object>) => void;
  delete: (key: string) => void;
  listed: (resourceVersion: string) => void;
  resumed: () => void;
}

// Objects of a list after which others get a turn.
const breathEvery = 1_000;

async function take<Object>(event: WatchEvent<Listing<Object>>, changes: Changes<Object>): Promise<void> {
  switch (event.type) {
    case "listed": {
      const gone = new Set(changes.keys());
      for (const [index, listing] of event.objects.entries()) {
        gone.delete(listing.key);
        changes.take(listing);
        if (index % breathEvery === breathEvery - 1) await setImmediate();
      }
      for (const key of gone) changes.delete(key);
      return changes.listed(event.resourceVersion);
    }
    case "applied":
      return changes.take(changes.listing(event.object));
    case "deleted":
      return changes.delete(keyOfObject(event.object));
  }
}

function changesOf<Object extends KubeObject>(
  entries: Map<string, Entry<Object>>,
  options: StoreOptions<Object>,
  report: (error: Error) => void,
): Changes<Object> {
  const { onChange, keep = (object) => object as Object } = options;
  const guarded = guardedBy(report);
  return {
    keys: () => entries.keys(),
    listing: (object) => {
      const listing: Listing<Object> = { key: keyOfObject(object) };
      const before = entries.get(listing.key);
      const { resourceVersion } = object.metadata;
      if (before !== undefined && before.resourceVersion === resourceVersion) return listing;
      guarded(() => {
        listing.entry = { resourceVersion, object: keep(object) };
      });
      return listing;
    },
    take: ({ key, entry }) =>
      guarded(() => {
        if (entry === undefined) return undefined;
        const before = entries.get(key);
        entries.set(key, entry);
        const { object: after } = entry;
        return onChange?.(before === undefined ? { after } : { before: before.object, after });
      }),
    delete: (key) =>
      guarded(() => {
        const before = entries.get(key);
        if (before === undefined) return undefined;
        entries.delete(key);
        return onChange?.({ before: before.object });
      }),
    listed: (resourceVersion) => guarded(() => options.onListed?.(resourceVersion)),
    resumed: () => guarded(() => options.onResume?.()),
  };
}

function guardedBy(report: (error: Error) => void): (action: () => unknown) => void {
  const fail = (error: unknown) => report(error instanceof Error ? error : new Error(String(error)));
  return (action) => {
    try {
      const result = action();
      // An async function passes for one that returns nothing; unhandled, its rejection would end the process.
      if (result instanceof Promise) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}

function* objectsOf<Object>(entries: Map<string, Entry<Object>>): Iterable<Object> {
  for (const { object } of entries.values()) yield object;
}

function keyOfObject({ metadata }: KubeObject): string {
  return keyOf(metadata.namespace, metadata.name);
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}

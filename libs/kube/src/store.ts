import type { KubeObject } from "@leat/api";
import type { Kube, Selection } from "./kube.ts";

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
  /** Resolves when the first list is in. */
  synced: Promise<void>;
  /** Settles when the watch has ended: resolves after the signal's abort. */
  done: Promise<void>;
}

export interface StoreOptions<Object> {
  signal: AbortSignal;
  /** Called after the store has changed, once per object that differs; also for what a new list no longer has. */
  onChange?: (change: Change<Object>) => void;
  /** Shapes what is kept, for instance to drop large fields; the object itself where it is absent. */
  keep?: (object: KubeObject) => Object;
}

/** Follows a watch into a {@link Store}. Unchanged objects (same resourceVersion) in a new list give no change. */
export declare function startStore<Object extends KubeObject = KubeObject>(
  kube: Kube,
  selection: Selection,
  options: StoreOptions<Object>,
): Store<Object>;

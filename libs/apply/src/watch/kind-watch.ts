import type { KubeObject, Resource } from "@leat/api";
import { type Kube, startStore, type Store } from "@leat/kube";
import type { Logger } from "@leat/log";
import { entryOfName } from "../objects/inventory.ts";
import { createDriftDetector, type DriftDetectorOptions } from "./drift-detector.ts";
import { type LastApplied, type LiveObject, liveOf, type LiveRules } from "./sync-state.ts";
import { apiVersionOf } from "../objects/object-name.ts";
import type { KnownObjects } from "./known-objects.ts";
import { keyOf, type Place, placeOfKey } from "./object-key.ts";
import { createWatchHealth } from "./watch-health.ts";

/** What the watch says of an object that carries our labels. */
export type Lookup =
  | { kind: "seen"; live: LiveObject }
  /** It is not there, or not labelled. */
  | { kind: "absent" }
  /** The watch is forbidden, or broken at the moment. */
  | { kind: "unknown" };

/** What is known of the applied objects of one resource: by our answers, and by a watch that all owners share. */
export interface KindWatch {
  resource: Resource;
  /** Resolves when the watch can be looked at, or when there is no use in waiting for it. */
  ready: (signal: AbortSignal) => Promise<void>;
  look: (place: Place) => Lookup;
  /** What this owner knows of the object. */
  known: (place: Place, owner: string) => LastApplied | undefined;
  /** What each of its owners knows of the object: several may apply it. */
  owners: (place: Place) => readonly LastApplied[];
  /** Replaces what its owner knew. */
  learn: (place: Place, known: LastApplied) => void;
  /** The owner no longer looks after the object; one that has lost it to this one is triggered. */
  disown: (place: Place, owner: string) => void;
  /** Triggers another owner of the object. */
  trigger: (place: Place, known: LastApplied) => void;
  /** While held, what the watch says is not judged: the answer to our own read or write may come after its event. */
  hold: (place: Place) => Disposable;
  /** Drops what is known of an owner's objects but these, by the ids of their inventory entries. */
  keep: (owner: string, ids: ReadonlySet<string>) => void;
  /** No object is known. */
  isIdle: () => boolean;
  stop: () => Promise<void>;
}

export interface KindWatchOptions extends DriftDetectorOptions {
  kube: Kube;
  resource: Resource;
  rules: LiveRules;
  log: Logger;
}

export function startKindWatch(options: KindWatchOptions): KindWatch {
  const { kube, resource, rules } = options;
  const ending = new AbortController();
  const judge = createDriftDetector(options);
  const watchHealth = createWatchHealth(options);
  const store = startStore<LiveObject>(
    kube,
    { resource, labelSelector: `${rules.ownerGroup}/name`, metadataOnly: true },
    {
      signal: ending.signal,
      keep: (object: KubeObject) => {
        watchHealth.onListing();
        return liveOf(rules, object);
      },
      onChange: judge.onChange,
      onListed: (version) => {
        watchHealth.onListed();
        judge.onListed(version, currentAt);
      },
      onResume: watchHealth.onResume,
      onError: watchHealth.onError,
    },
  );
  const currentAt = (key: string) => {
    const { namespace, name } = placeOfKey(key);
    return store.get(namespace, name);
  };
  return {
    resource,
    ready: (signal) => watchHealth.settled(signal),
    look: (place) => (watchHealth.isComplete() ? look(store, place) : { kind: "unknown" }),
    ...memoryOf(judge.known, resource),
    trigger: (place, known) => options.onDrift(known, keyOf(place)),
    hold: (place) => judge.hold(keyOf(place), currentAt),
    stop: async () => {
      ending.abort();
      await store.done;
    },
  };
}

function memoryOf(
  all: KnownObjects,
  resource: Resource,
): Pick<KindWatch, "known" | "owners" | "learn" | "disown" | "keep" | "isIdle"> {
  return {
    known: (place, owner) => all.find(keyOf(place), owner),
    owners: (place) => all.of(keyOf(place)),
    learn: (place, known) => all.set(keyOf(place), known),
    disown: (place, owner) => all.delete(keyOf(place), owner),
    keep: (owner, ids) => {
      for (const key of all.keysOf(owner)) if (!ids.has(idOf(resource, key))) all.delete(key, owner);
    },
    isIdle: all.isEmpty,
  };
}

function look(store: Store<LiveObject>, { namespace, name }: Place): Lookup {
  const live = store.get(namespace, name);
  return live === undefined ? { kind: "absent" } : { kind: "seen", live };
}

function idOf({ group, version, kind }: Resource, key: string): string {
  return entryOfName({ apiVersion: apiVersionOf(group, version), kind, ...placeOfKey(key) }).id;
}

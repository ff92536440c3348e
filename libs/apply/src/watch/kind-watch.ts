import type { KubeObject, Resource } from "@leat/api";
import { type Kube, startStore, type Store } from "@leat/kube";
import type { Logger } from "@leat/log";
import { entryOfName } from "../objects/inventory.ts";
import { createJudge, type JudgeOptions } from "./drift-detector.ts";
import { type Known, type Live, liveOf, type LiveRules } from "./live.ts";
import { apiVersionOf } from "../objects/object-name.ts";
import { keyOf, type Place, placeOfKey } from "./object-key.ts";
import { createTrust } from "./watch-health.ts";

/** What the watch says of an object that carries our labels. */
export type Look =
  | { kind: "seen"; live: Live }
  /** It is not there, or not labelled. */
  | { kind: "absent" }
  /** The watch is forbidden, or broken at the moment. */
  | { kind: "unknown" };

/** What is known of the applied objects of one resource: by our answers, and by a watch that all owners share. */
export interface Track {
  resource: Resource;
  /** Resolves when the watch can be looked at, or when there is no use in waiting for it. */
  ready: (signal: AbortSignal) => Promise<void>;
  look: (place: Place) => Look;
  known: (place: Place) => Known | undefined;
  /** Replaces what was known. */
  learn: (place: Place, known: Known) => void;
  /** The owner no longer looks after the object; another one that has applied it since does. */
  disown: (place: Place, owner: string) => void;
  /** While held, what the watch says is not judged: the answer to our own write may come after its event. */
  hold: (place: Place) => Disposable;
  /** Drops what is known of an owner's objects but these, by the ids of their inventory entries. */
  keep: (owner: string, ids: ReadonlySet<string>) => void;
  /** No object is known. */
  isIdle: () => boolean;
  stop: () => Promise<void>;
}

export interface TrackOptions extends JudgeOptions {
  kube: Kube;
  resource: Resource;
  rules: LiveRules;
  log: Logger;
}

export function startTrack(options: TrackOptions): Track {
  const { kube, resource, rules } = options;
  const ending = new AbortController();
  const judge = createJudge(options);
  const trust = createTrust(options);
  const store = startStore<Live>(
    kube,
    { resource, labelSelector: `${rules.ownerGroup}/name`, metadataOnly: true },
    {
      signal: ending.signal,
      keep: (object: KubeObject) => liveOf(rules, object),
      onChange: judge.onChange,
      onListed: (version) => {
        trust.onListed();
        judge.onListed(version, currentAt);
      },
      onResume: trust.onResume,
      onError: trust.onError,
    },
  );
  const currentAt = (key: string) => {
    const { namespace, name } = placeOfKey(key);
    return store.get(namespace, name);
  };
  return {
    resource,
    ready: (signal) => trust.settled(signal),
    look: (place) => (trust.isWhole() ? look(store, place) : { kind: "unknown" }),
    ...memoryOf(judge.known, resource),
    hold: (place) => judge.hold(keyOf(place), currentAt),
    stop: async () => {
      ending.abort();
      await store.done;
    },
  };
}

function memoryOf(
  all: Map<string, Known>,
  resource: Resource,
): Pick<Track, "known" | "learn" | "disown" | "keep" | "isIdle"> {
  return {
    known: (place) => all.get(keyOf(place)),
    learn: (place, known) => void all.set(keyOf(place), known),
    disown: (place, owner) => {
      const key = keyOf(place);
      if (all.get(key)?.owner === owner) all.delete(key);
    },
    keep: (owner, ids) => {
      for (const [key, known] of all) {
        if (known.owner === owner && !ids.has(idOf(resource, key))) all.delete(key);
      }
    },
    isIdle: () => all.size === 0,
  };
}

function look(store: Store<Live>, { namespace, name }: Place): Look {
  const live = store.get(namespace, name);
  return live === undefined ? { kind: "absent" } : { kind: "seen", live };
}

function idOf({ group, version, kind }: Resource, key: string): string {
  return entryOfName({ apiVersion: apiVersionOf(group, version), kind, ...placeOfKey(key) }).id;
}

import type { KubeObject, Resource } from "@leat/api";
import { ApiError, type Kube, startStore, type Store } from "@leat/kube";
import type { Logger } from "@leat/log";
import { setTimeout as pause } from "node:timers/promises";
import { entryOfName } from "./inventory.ts";
import { createJudge, type JudgeOptions } from "./judge.ts";
import { type Known, type Live, liveOf, type LiveRules } from "./live.ts";
import { apiVersionOf } from "./object-name.ts";
import { keyOf, type Place, placeOfKey } from "./place.ts";

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
  /** Replaces what was known; `undefined` when the object is no longer ours to look after. */
  learn: (place: Place, known: Known | undefined) => void;
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

// A list takes longer only where something is wrong.
const readyLimitMs = 5_000;
// A broken watch tries again after 10 s at the latest: when it has said nothing for longer, it is whole.
const distrustMs = 15_000;

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
      onError: trust.onError,
    },
  );
  store.synced.then(trust.onSynced, () => {});
  return {
    resource,
    ready: (signal) => trust.settled(signal),
    look: (place) => (trust.isWhole() ? look(store, place) : { kind: "unknown" }),
    known: (place) => judge.known.get(keyOf(place)),
    learn: (place, known) => learn(judge.known, place, known),
    hold: (place) => judge.hold(keyOf(place), () => store.get(place.namespace, place.name)),
    keep: (owner, ids) => {
      for (const [key, known] of judge.known) {
        if (known.owner === owner && !ids.has(idOf(resource, key))) judge.known.delete(key);
      }
    },
    isIdle: () => judge.known.size === 0,
    stop: async () => {
      ending.abort();
      await store.done;
    },
  };
}

function look(store: Store<Live>, { namespace, name }: Place): Look {
  const live = store.get(namespace, name);
  return live === undefined ? { kind: "absent" } : { kind: "seen", live };
}

function idOf({ group, version, kind }: Resource, key: string): string {
  return entryOfName({ apiVersion: apiVersionOf(group, version), kind, ...placeOfKey(key) }).id;
}

function learn(all: Map<string, Known>, place: Place, known: Known | undefined): void {
  if (known === undefined) all.delete(keyOf(place));
  else all.set(keyOf(place), known);
}

/** Whether what the watch says can be relied on. */
function createTrust({ resource, log }: TrackOptions) {
  let synced = false;
  let failedAt = Number.NEGATIVE_INFINITY;
  let saidForbidden = false;
  const settled = Promise.withResolvers<void>();
  return {
    isWhole: () => synced && performance.now() - failedAt > distrustMs,
    onSynced: () => {
      synced = true;
      failedAt = Number.NEGATIVE_INFINITY;
      saidForbidden = false;
      settled.resolve();
    },
    onError: (error: Error) => {
      failedAt = performance.now();
      settled.resolve();
      const isForbidden = error instanceof ApiError && error.code === 403;
      if (!isForbidden) log.debug("cannot watch what is applied", { resource: resource.plural, err: error });
      else if (!saidForbidden) {
        saidForbidden = true;
        const fields = { resource: resource.plural, answer: error.message };
        log.info("may not watch what is applied: changes by others are seen at the next interval only", fields);
      }
    },
    settled: async (signal: AbortSignal) => {
      using limit = new DisposableStack();
      const done = new AbortController();
      limit.defer(() => done.abort());
      const late = pause(readyLimitMs, undefined, { signal: AbortSignal.any([signal, done.signal]), ref: false });
      await Promise.race([settled.promise, late.catch(() => {})]);
      signal.throwIfAborted();
    },
  };
}

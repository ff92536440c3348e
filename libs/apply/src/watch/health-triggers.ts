import type { KubeObject, Resource } from "@leat/api";
import { ApiError, type Kube, startStore } from "@leat/kube";
import type { Logger } from "@leat/log";
import { createIndex } from "./index-by-key.ts";
import { isNewer } from "./sync-state.ts";
import type { ObjectName } from "../objects/object-name.ts";

/** One object that an owner waits for. */
export interface Awaited {
  /** Who may watch it. */
  kube: Kube;
  /** See `targetKey`. */
  key: string;
  target: ObjectName;
  resource: Resource;
  /** When it was looked at; `undefined` where it was not there. */
  resourceVersion: string | undefined;
}

/** Who waits for which objects. */
export interface HealthTriggers extends Disposable {
  /** Replaces what the owner waits for. What has changed since it was looked at triggers the owner at once. */
  expect: (owner: string, awaited: readonly Awaited[]) => void;
  /** An object that the kindWatches see has changed. */
  changed: (key: string) => void;
}

export interface HealthTriggersOptions {
  log: Logger;
  /** The version of an object that the kindWatches see; for all others a watch of their own is started. */
  tracked: (awaited: Awaited) => string | undefined;
  trigger: (owner: string) => void;
}

/** Ends the watch of one object. */
type Stop = () => void;

// The others are looked at when the owner runs again.
const mostWatches = 50;

export function createHealthTriggers({ log, tracked, trigger }: HealthTriggersOptions): HealthTriggers {
  const owners = new Map<string, Map<string, Stop | undefined>>();
  const waiting = createIndex();
  return {
    expect: (owner, awaited) => {
      const before = owners.get(owner) ?? new Map<string, Stop | undefined>();
      const after = new Map<string, Stop | undefined>();
      const followed = awaited.map((one) => ({ one, version: one.resourceVersion && tracked(one) }));
      for (const { one, version } of followed)
        after.set(one.key, version === undefined ? before.get(one.key) : undefined);
      const unseen = followed.filter(({ one, version }) => version === undefined && after.get(one.key) === undefined);
      for (const { one } of unseen.slice(0, Math.max(0, mostWatches - countOf(after)))) {
        after.set(one.key, watchOne(one, { log, trigger: () => trigger(owner) }));
      }
      for (const [key, stop] of before) if (after.get(key) !== stop) stop?.();
      waiting.replace(owner, before.keys(), after.keys());
      if (after.size === 0) owners.delete(owner);
      else owners.set(owner, after);
      if (followed.some(({ one, version }) => version && isNewer(version, one.resourceVersion ?? ""))) trigger(owner);
    },
    changed: (key) => {
      for (const owner of waiting.of(key)) trigger(owner);
    },
    [Symbol.dispose]: () => {
      for (const awaited of owners.values()) for (const stop of awaited.values()) stop?.();
      owners.clear();
    },
  };
}

function countOf(stops: ReadonlyMap<string, Stop | undefined>): number {
  return [...stops.values()].filter((stop) => stop !== undefined).length;
}

function watchOne(
  { kube, target, resource, resourceVersion }: Awaited,
  { log, trigger }: { log: Logger; trigger: () => void },
): Stop {
  const ending = new AbortController();
  const { namespace, name } = target;
  const watched = { resource: resource.plural, namespace, name };
  let last = resourceVersion;
  const store = startStore(
    kube,
    { resource, namespace, fieldSelector: `metadata.name=${name}`, metadataOnly: true },
    {
      signal: ending.signal,
      keep: ({ apiVersion, kind, metadata }: KubeObject) => {
        const { uid = "", resourceVersion: version = "" } = metadata;
        return { apiVersion, kind, metadata: { name, uid, resourceVersion: version } };
      },
      onChange: ({ after }) => {
        const version = after?.metadata.resourceVersion;
        if (version === last) return;
        last = version;
        trigger();
      },
      onError: (error) => {
        log.debug("cannot watch the health of an object", { ...watched, err: error });
        // Nothing is lost: the owner runs again at its interval.
        if (error instanceof ApiError && (error.code === 403 || error.code === 404)) ending.abort();
      },
    },
  );
  store.done.catch((error: unknown) =>
    log.error("the watch of an object's health has ended", { ...watched, err: error }),
  );
  return () => ending.abort();
}

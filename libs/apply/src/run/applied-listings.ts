import { type KubeObject, ownerNameLabel, type Resource } from "@leat/api";
import type { Kube } from "@leat/kube";
import type { Logger } from "@leat/log";
import { appliedDigest } from "../fields/is-unchanged.ts";
import type { LiveRules } from "../watch/sync-state.ts";
import { keyOf, type Place } from "../watch/object-key.ts";

/**
 * What the objects of all owners are like, by one list of each kind. After a restart nothing is remembered of any owner's objects,
 * and a list for each owner would have the server look at all objects as often as there are owners.
 */
export interface AppliedListings extends Disposable {
  /** Empty where the kind cannot be listed. The list is made at the first call, and forgotten some minutes later. */
  of: (resource: Resource) => Promise<AppliedListing>;
}

export interface AppliedListing {
  /** Gives what was listed of an object to the first who asks. */
  take: (place: Place) => AppliedObject | undefined;
}

export interface AppliedObject {
  resourceVersion: string | undefined;
  /** See `appliedDigest`. */
  digest: string | undefined;
}

export interface AppliedListingsOptions {
  kube: Kube;
  rules: LiveRules;
  log: Logger;
  signal: AbortSignal;
}

/** Owners that begin later list their own objects. */
const keptMs = 10 * 60_000;

export function createAppliedListings(options: AppliedListingsOptions): AppliedListings {
  const listings = new Map<string, Promise<AppliedListing>>();
  const timers = new Set<NodeJS.Timeout>();
  return {
    of: (resource) => {
      const key = `${resource.group}/${resource.version}/${resource.plural}`;
      return listings.getOrInsertComputed(key, async () => {
        const forget = () => listings.set(key, Promise.resolve(none));
        timers.add(setTimeout(forget, keptMs).unref());
        return listed(options, resource);
      });
    },
    [Symbol.dispose]: () => timers.forEach(clearTimeout),
  };
}

const none: AppliedListing = { take: () => undefined };

async function listed(options: AppliedListingsOptions, resource: Resource): Promise<AppliedListing> {
  const { kube, rules, log, signal } = options;
  const objects = new Map<string, AppliedObject>();
  const keep = (object: KubeObject) => {
    const { resourceVersion } = object.metadata;
    objects.set(keyOf(object.metadata), { resourceVersion, digest: appliedDigest(rules.fieldManager, object) });
  };
  try {
    await kube.list({ resource, labelSelector: ownerNameLabel(rules.ownerGroup) }, { keep, signal });
  } catch (error) {
    log.debug("cannot list the applied objects of all owners", { resource: resource.plural, err: error });
    return none;
  }
  return {
    take: (place) => {
      const key = keyOf(place);
      const found = objects.get(key);
      objects.delete(key);
      return found;
    },
  };
}

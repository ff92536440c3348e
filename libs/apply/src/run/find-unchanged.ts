import type { KubeObject } from "@leat/api";
import { ApiError, unlessAborted } from "@leat/kube";
import { declaredDigest, isAsApplied } from "../fields/is-unchanged.ts";
import { leaveIgnored } from "../fields/preserve-ignored-fields.ts";
import { type LiveObject, liveOf } from "../watch/sync-state.ts";
import { ownerLabels, ownerOfKey } from "../objects/owner.ts";
import type { AppliedListing } from "./applied-listings.ts";
import { mapLimited } from "./map-limited.ts";
import type { ApplyRun, Item } from "./run.ts";

/** An object that is there and of which nothing is remembered, as after a restart. */
export interface Unremembered {
  item: Item;
  live: LiveObject;
}

/**
 * Finds the objects that are already what would be applied: one list of each kind, or at least of each kind and namespace, in
 * place of two requests for each object. Where one may not list, none is found.
 *
 * @returns the objects as they are
 */
export async function recognize(run: ApplyRun, objects: readonly Unremembered[]): Promise<Map<Item, LiveObject>> {
  const candidates = objects.filter(
    ({ live }) => live.owner === run.owner && live.ours !== undefined && !live.needsTakeover,
  );
  const { recognized, unknown } = await recognizeByKind(run, candidates);
  const groups = Map.groupBy(unknown, ({ item }) => `${item.resource.plural} ${item.object.metadata.namespace ?? ""}`);
  const lists = [...groups.values()].filter(({ length }) => length > 1);
  const found = await mapLimited(lists, run.concurrency, async (group) => recognizeInNamespace(run, group));
  return new Map([...recognized, ...found.flat()]);
}

/** By lists that all owners share. They may be some minutes old: an object counts only in the version that was listed. */
async function recognizeByKind(
  run: ApplyRun,
  candidates: readonly Unremembered[],
): Promise<{ recognized: Array<[Item, LiveObject]>; unknown: Unremembered[] }> {
  const recognized: Array<[Item, LiveObject]> = [];
  const unknown: Unremembered[] = [];
  for (const candidate of candidates) {
    const { item, live } = candidate;
    const listing = item.ignored.length === 0 ? await listingOf(run, item) : undefined;
    const listed = listing?.take(item.object.metadata);
    if (listed === undefined || listed.resourceVersion !== live.resourceVersion) unknown.push(candidate);
    else if (listed.digest === declaredDigest(item.object)) recognized.push([item, live]);
  }
  return { recognized, unknown };
}

async function listingOf({ listings, signal }: ApplyRun, { resource }: Item): Promise<AppliedListing | undefined> {
  return listings && unlessAborted(listings.of(resource), signal);
}

async function recognizeInNamespace(run: ApplyRun, group: readonly Unremembered[]): Promise<Array<[Item, LiveObject]>> {
  const listed = await listOwned(run, group);
  return group.flatMap(({ item }): Array<[Item, LiveObject]> => {
    const object = listed.get(item.object.metadata.name);
    if (object === undefined) return [];
    if (!isAsApplied(run.rules.fieldManager, leaveIgnored(run.rules, item, object), object)) return [];
    const live = liveOf(run.rules, object);
    return live.owner === run.owner && !live.needsTakeover ? [[item, live]] : [];
  });
}

/** The owner's objects of the kind and namespace of a group, by name. */
async function listOwned(run: ApplyRun, [first]: readonly Unremembered[]): Promise<Map<string, KubeObject>> {
  if (first === undefined) return new Map();
  const labels = ownerLabels(run.rules.ownerGroup, ownerOfKey(run.owner));
  const selection = {
    resource: first.item.resource,
    namespace: first.item.object.metadata.namespace,
    labelSelector: Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(),
  };
  try {
    const { objects } = await run.kube.list(selection, { signal: run.signal });
    return new Map(objects.map((object) => [object.metadata.name, object]));
  } catch (error) {
    if (error instanceof ApiError && error.code === 403) return new Map();
    throw error;
  }
}

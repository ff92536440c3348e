import type { KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { isAsApplied } from "../fields/is-unchanged.ts";
import { leaveIgnored } from "../fields/preserve-ignored-fields.ts";
import { type LiveObject, liveOf } from "../watch/sync-state.ts";
import { ownerLabels, ownerOfKey } from "../objects/owner.ts";
import { mapLimited } from "./map-limited.ts";
import type { ApplyRun, Item } from "./run.ts";

/** An object that is there and of which nothing is remembered, as after a restart. */
export interface Unremembered {
  item: Item;
  live: LiveObject;
}

/**
 * Finds the objects that are already what would be applied: one list of each kind and namespace in place of two requests for
 * each object. Where one may not list, none is found.
 *
 * @returns the objects as they are
 */
export async function recognize(run: ApplyRun, objects: readonly Unremembered[]): Promise<Map<Item, LiveObject>> {
  const candidates = objects.filter(
    ({ live }) => live.owner === run.owner && live.ours !== undefined && !live.needsTakeover,
  );
  const groups = Map.groupBy(
    candidates,
    ({ item }) => `${item.resource.plural} ${item.object.metadata.namespace ?? ""}`,
  );
  const lists = [...groups.values()].filter(({ length }) => length > 1);
  const found = await mapLimited(lists, run.concurrency, async (group) => recognizeListed(run, group));
  return new Map(found.flat());
}

async function recognizeListed(run: ApplyRun, group: readonly Unremembered[]): Promise<Array<[Item, LiveObject]>> {
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

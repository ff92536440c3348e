import type { KubeObject, Resource } from "@leat/api";
import { ApiError, type ObjectRef } from "@leat/kube";
import type { ObjectChange } from "./apply-all.ts";
import { inDeletionOrder, type InventoryEntry, parseEntry } from "../objects/inventory.ts";
import { type LiveObject, liveOf } from "../watch/sync-state.ts";
import { type ObjectName, subjectOf } from "../objects/object-name.ts";
import { rankOf } from "./order.ts";
import { mapLimited } from "./map-limited.ts";
import { type Origin, placeOf, rejectionFrom } from "../objects/rejection.ts";
import { findResource } from "../objects/resource-of.ts";
import type { Asking, Run } from "./run.ts";

export interface PruneOutcome {
  /** In the order of deleting; without what was already gone, or is not to be deleted. */
  deleted: ObjectChange[];
  /** What the server rejects to delete; its other entries were gone through all the same. */
  failed: Array<{ entry: InventoryEntry; message: string }>;
}

type Result = { kind: "deleted"; change: ObjectChange } | { kind: "kept" } | { kind: "failed"; message: string };

/**
 * Deletes what the entries list, in reverse order of applying: only what still carries both labels of its owner, and does
 * not say of itself that it stays.
 */
export async function prune(run: Run, entries: readonly InventoryEntry[]): Promise<PruneOutcome> {
  const outcome: PruneOutcome = { deleted: [], failed: [] };
  for (const group of byRank(inDeletionOrder(entries))) {
    const results = await mapLimited(group, run.concurrency, async (entry) => pruneOne(run, entry));
    for (const [index, result] of results.entries()) {
      const entry = group[index];
      if (result.kind === "deleted") outcome.deleted.push(result.change);
      if (result.kind === "failed" && entry) outcome.failed.push({ entry, message: result.message });
    }
  }
  return outcome;
}

/** Which of the entries still exist, or may exist, as their API is down. */
export async function remaining(run: Run, entries: readonly InventoryEntry[]): Promise<InventoryEntry[]> {
  const exist = await mapLimited(entries, run.concurrency, async (entry) => mayExist(run, entry));
  return entries.filter((_, index) => exist[index]);
}

async function mayExist(run: Run, entry: InventoryEntry): Promise<boolean> {
  const name = parseEntry(entry);
  if (name === undefined) return false;
  try {
    const resource = await findResource(run, name);
    return resource !== undefined && (await readMetadata(run, refOf(name, resource))) !== undefined;
  } catch (error) {
    if (isDown(error)) return true;
    throw error;
  }
}

async function pruneOne(run: Run, entry: InventoryEntry): Promise<Result> {
  const name = parseEntry(entry);
  // Nothing that we applied has such an id.
  if (name === undefined) return { kind: "kept" };
  const origin = { object: { apiVersion: name.apiVersion, kind: name.kind, metadata: { ...name } } as KubeObject };
  try {
    const resource = await findResource(run, name);
    // Its kind is gone, and so are its objects.
    if (resource === undefined) return { kind: "kept" };
    return await deleteOurs(run, name, resource);
  } catch (error) {
    return { kind: "failed", message: whyKept(error, origin) };
  }
}

/** An API that is down concerns its own objects: the others are deleted all the same. */
function whyKept(error: unknown, origin: Origin): string {
  return isDown(error) ? `${placeOf(origin)}: ${error.message}` : rejectionFrom(error, origin).message;
}

function isDown(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 503;
}

const mostAttempts = 5;

async function deleteOurs(run: Run, name: ObjectName, resource: Resource): Promise<Result> {
  const ref = refOf(name, resource);
  run.kindWatches.find(resource.group, resource.kind)?.disown(ref, run.owner);
  let live = seenToDelete(run, ref) ?? (await readLive(run, ref));
  for (let attempt = 1; ; attempt++) {
    if (live === undefined || !isToBeDeleted(run, live)) return { kind: "kept" };
    // What was looked at is what is deleted; at last only its identity counts, for an object that never rests.
    const { uid, resourceVersion } = live;
    const preconditions = attempt < mostAttempts ? { uid, resourceVersion } : { uid };
    try {
      const found = await run.kube.delete(ref, { propagation: "Background", preconditions, signal: run.signal });
      if (!found) return { kind: "kept" };
      return { kind: "deleted", change: { subject: subjectOf(name), action: "deleted" } };
    } catch (error) {
      if (attempt >= mostAttempts || !(error instanceof ApiError && error.code === 409)) throw error;
    }
    live = await readLive(run, ref);
  }
}

export function isToBeDeleted({ owner }: Pick<Run, "owner">, live: LiveObject): boolean {
  return live.owner === owner && !live.policies.ignored && !live.policies.keptOnPrune;
}

/** The watch may be late: it counts for what is deleted only as it was seen, and not for what is kept and then forgotten. */
function seenToDelete(run: Run, ref: ObjectRef): LiveObject | undefined {
  const look = run.kindWatches.find(ref.resource.group, ref.resource.kind)?.look(ref);
  return look?.kind === "seen" && isToBeDeleted(run, look.live) ? look.live : undefined;
}

export async function readLive(run: Asking, ref: ObjectRef): Promise<LiveObject | undefined> {
  const object = await readMetadata(run, ref);
  return object && liveOf(run.rules, object);
}

async function readMetadata({ kube, signal }: Asking, ref: ObjectRef): Promise<KubeObject | undefined> {
  try {
    return await kube.get(ref, { metadataOnly: true, signal });
  } catch (error) {
    // The kind has gone since it was last known.
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  }
}

export function refOf({ namespace, name }: ObjectName, resource: Resource): ObjectRef {
  return { resource, namespace, name };
}

function* byRank(entries: readonly InventoryEntry[]): Iterable<InventoryEntry[]> {
  let group: InventoryEntry[] = [];
  let rank: number | undefined;
  for (const entry of entries) {
    const next = rankOf(parseEntry(entry)?.kind ?? "");
    if (group.length > 0 && next !== rank) {
      yield group;
      group = [];
    }
    rank = next;
    group.push(entry);
  }
  if (group.length > 0) yield group;
}

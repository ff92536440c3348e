import { type KubeObject, objectPolicyKey, type Resource } from "@leat/api";
import { ApiError, type ObjectRef } from "@leat/kube";
import type { ObjectChange } from "./apply-all.ts";
import { inDeletionOrder, type InventoryEntry, namesOf, parseEntry } from "../objects/inventory.ts";
import { type LiveObject, liveOf } from "../watch/sync-state.ts";
import { type ObjectName, subjectOf } from "../objects/object-name.ts";
import { rankOf } from "./order.ts";
import { mapLimited } from "./map-limited.ts";
import { type Origin, placeOf, rejectionFrom } from "../objects/rejection.ts";
import { ownerOfKey } from "../objects/owner.ts";
import { findResource } from "../objects/resource-of.ts";
import type { Asking, Run } from "./run.ts";

export interface PruneOutcome {
  /** In the order of deleting; without what was already gone. */
  deleted: ObjectChange[];
  /** What stays, `skipped`, and why: it says so of itself, or it belongs to another owner. */
  kept: ObjectChange[];
  /** What another owner applies too, which has been triggered to take it over: it is not deleted in between. */
  handedOver: Array<{ entry: InventoryEntry; heir: string }>;
  /** What the server rejects to delete; its other entries were gone through all the same. */
  failed: Array<{ entry: InventoryEntry; message: string }>;
}

type Result = ({ kind: "done" } & Pruned) | { kind: "failed"; message: string };

interface Pruned {
  /** Empty if there is no such object. */
  changes: ObjectChange[];
  /** The owner that is to take it over. */
  heir?: string;
}

/**
 * Deletes what the entries list, in reverse order of applying: only what still carries both labels of its owner, and does
 * not say of itself that it stays.
 */
export async function prune(run: Run, entries: readonly InventoryEntry[]): Promise<PruneOutcome> {
  const outcome: PruneOutcome = { deleted: [], kept: [], handedOver: [], failed: [] };
  for (const group of byRank(inDeletionOrder(entries))) {
    const results = await mapLimited(group, run.concurrency, async (entry) => pruneOne(run, entry));
    for (const [index, result] of results.entries()) {
      const entry = group[index];
      if (entry !== undefined) note(outcome, entry, result);
    }
  }
  return outcome;
}

function note(outcome: PruneOutcome, entry: InventoryEntry, result: Result): void {
  if (result.kind === "failed") {
    outcome.failed.push({ entry, message: result.message });
    return;
  }
  const { changes, heir } = result;
  outcome.deleted.push(...changes.filter(({ action }) => action === "deleted"));
  outcome.kept.push(...changes.filter(({ action }) => action === "skipped"));
  if (heir !== undefined) outcome.handedOver.push({ entry, heir });
}

/** Which of the entries were deleted and still exist, or may exist, as their API is down. */
export async function remaining(run: Run, entries: readonly InventoryEntry[]): Promise<InventoryEntry[]> {
  const remain = await mapLimited(entries, run.concurrency, async (entry) => mayRemain(run, entry));
  return entries.filter((_, index) => remain[index]);
}

async function mayRemain(run: Run, entry: InventoryEntry): Promise<boolean> {
  const name = parseEntry(entry);
  try {
    const resource = name && (await findResource(run, name));
    if (resource === undefined) return false;
    const refs = namesOf(entry).map((one) => refOf(one, resource));
    const found = await Promise.all(refs.map(async (ref) => readMetadata(run, ref)));
    return found.some((object) => object?.metadata.deletionTimestamp !== undefined);
  } catch (error) {
    if (isDown(error)) return true;
    throw error;
  }
}

async function pruneOne(run: Run, entry: InventoryEntry): Promise<Result> {
  const name = parseEntry(entry);
  // Nothing that we applied has such an id.
  if (name === undefined) return nothing;
  const origin = { object: { apiVersion: name.apiVersion, kind: name.kind, metadata: { ...name } } as KubeObject };
  try {
    const resource = await findResource(run, name);
    // Its kind is gone, and so are its objects.
    if (resource === undefined) return nothing;
    const pruned: Pruned = { changes: [] };
    for (const one of namesOf(entry)) {
      const { changes, ...left } = await deleteOurs(run, one, resource);
      pruned.changes.push(...changes);
      Object.assign(pruned, left);
    }
    return { kind: "done", ...pruned };
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

const nothing: Result = { kind: "done", changes: [] };

async function deleteOurs(run: Run, name: ObjectName, resource: Resource): Promise<Pruned> {
  const ref = refOf(name, resource);
  const subject = subjectOf(name);
  const kindWatch = run.kindWatches.find(resource.group, resource.kind);
  kindWatch?.disown(ref, run.owner);
  // The watch may not have seen yet that another owner has it already.
  let live = (kindWatch?.owners(ref).length ? undefined : seenToDelete(run, ref)) ?? (await readLive(run, ref));
  for (let attempt = 1; live !== undefined; attempt++) {
    const reason = whyItStays(run, live);
    if (reason !== undefined) return { changes: [{ subject, action: "skipped", reason }] };
    const [heir] = kindWatch?.owners(ref) ?? [];
    if (heir !== undefined) return { changes: [], heir: heir.owner };
    const found = await tryDelete(run, ref, live, attempt >= mostAttempts);
    if (found !== "changed") return { changes: found ? [{ subject, action: "deleted" }] : [] };
    live = await readLive(run, ref);
  }
  return { changes: [] };
}

/**
 * Deletes what was looked at, in no other version of it.
 *
 * @param isLast only its identity counts, for an object that never rests
 * @returns whether it was there
 */
async function tryDelete(
  run: Run,
  ref: ObjectRef,
  { uid, resourceVersion }: LiveObject,
  isLast: boolean,
): Promise<boolean | "changed"> {
  const preconditions = isLast ? { uid } : { uid, resourceVersion };
  try {
    return await run.kube.delete(ref, { propagation: "Background", preconditions, signal: run.signal });
  } catch (error) {
    if (!isLast && error instanceof ApiError && error.code === 409) return "changed";
    throw error;
  }
}

/** `undefined` for an object that is to be deleted. */
export function whyItStays({ owner, rules }: Pick<Run, "owner" | "rules">, live: LiveObject): string | undefined {
  if (isNamespaceOf(owner, live)) return `${owner} is in it`;
  if (live.owner !== owner) return live.owner === undefined ? "it has no owner labels" : `it belongs to ${live.owner}`;
  if (live.policies.keptOnPrune) return `${objectPolicyKey(rules.ownerGroup, "prune")} is disabled`;
  if (live.policies.ignored) return `${objectPolicyKey(rules.ownerGroup, "reconcile")} is disabled`;
  return undefined;
}

function isNamespaceOf(owner: string, { apiVersion, kind, metadata }: LiveObject): boolean {
  return apiVersion === "v1" && kind === "Namespace" && metadata.name === ownerOfKey(owner).namespace;
}

/** The watch may be late: it counts for what is deleted only as it was seen, and not for what is kept and then forgotten. */
function seenToDelete(run: Run, ref: ObjectRef): LiveObject | undefined {
  const look = run.kindWatches.find(ref.resource.group, ref.resource.kind)?.look(ref);
  return look?.kind === "seen" && whyItStays(run, look.live) === undefined ? look.live : undefined;
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

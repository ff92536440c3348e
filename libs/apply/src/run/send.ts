import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import { isRecord } from "../fields/json-edit.ts";
import { leaveIgnored, ownsIgnored } from "../fields/preserve-ignored-fields.ts";
import { type LastApplied, type LiveObject, liveOf, type Reviewed } from "../watch/sync-state.ts";
import { takeoverPatch } from "../fields/managed-fields.ts";
import { despiteOldVersions } from "./migrate-managed-fields.ts";
import { explainRejection } from "./explain-rejection.ts";
import { canRecreate, recreate } from "./recreate.ts";
import { rejectionFrom } from "../objects/rejection.ts";
import type { ApplyRun, Asking, Item, Sendable } from "./run.ts";
import { eitherOf, leavesAlone } from "../objects/object-policies.ts";

/** What the object was before. */
export type Before =
  | { kind: "seen"; live: LiveObject }
  /** It was there, with nothing else known than what a dry-run tells; certainly not as we left it. */
  | { kind: "foreign"; live: LiveObject }
  | { kind: "absent" };

export type Sent = "created" | "configured" | "unchanged";

/**
 * Applies one object, after taking over what others have set in it. What the server answers is learnt.
 *
 * @throws Rejection
 */
export async function send(run: ApplyRun, item: Item, before: Before): Promise<Sent> {
  try {
    const tidied = before.kind !== "absent" && (await takeOver(run, item, before.live));
    const { object, created } = await applyOrRecreate(run, item, before);
    const live = liveOf(run.rules, object);
    const late = await tidyUp(run, item, live);
    const previous = item.kindWatch.known(item.object.metadata, run.owner);
    const known = learn(run, item, late ?? live);
    if (created) return "created";
    return tidied || late !== undefined || isChanged(before, known, previous) ? "configured" : "unchanged";
  } catch (error) {
    throw await explainRejection(run, item, error);
  }
}

/**
 * Asks the server whether it would take the object.
 *
 * @returns what the object would be, where it exists already
 * @throws Rejection
 */
export async function dryRun(run: Asking, item: Sendable): Promise<LiveObject | undefined> {
  try {
    const { object, created } = await apply(run, item, true);
    return created ? undefined : liveOf(run.rules, object);
  } catch (error) {
    throw await explainRejection(run, item, error);
  }
}

async function apply(run: Asking, item: Sendable, isDryRun: boolean) {
  const { resource } = item;
  const { fieldManager } = run.rules;
  const options = { fieldManager, force: true, metadataOnly: true, dryRun: isDryRun, signal: run.signal };
  return retryConflicts(async () => run.kube.apply(resource, await payloadOf(run, item, isDryRun), options));
}

/** The object as it is sent now: what it leaves to others depends on what is there. */
async function payloadOf({ kube, rules, signal }: Asking, item: Sendable, isDryRun: boolean): Promise<KubeObject> {
  const { object, resource, ignored } = item;
  if (ignored.length === 0) return object;
  const { namespace, name } = object.metadata;
  const live = await kube.get({ resource, namespace, name }, { signal });
  if (live === undefined) return object;
  const left = leaveIgnored(rules, item, live);
  if (isDryRun || !ownsIgnored(rules, item, live)) return left;
  const { resourceVersion = "" } = live.metadata;
  return { ...left, metadata: { ...left.metadata, resourceVersion } };
}

/** The live metadata, whole: what is kept of it elsewhere is not enough to patch it. */
async function readMetadata({ kube, signal }: ApplyRun, { resource, object }: Item): Promise<KubeObject | undefined> {
  const { namespace, name } = object.metadata;
  return kube.get({ resource, namespace, name }, { metadataOnly: true, signal });
}

/** @returns the object as it is, where it exists */
export async function readLive(run: ApplyRun, item: Item): Promise<LiveObject | undefined> {
  try {
    const object = await readMetadata(run, item);
    return object && liveOf(run.rules, object);
  } catch (error) {
    throw rejectionFrom(error, item);
  }
}

/** @returns whether there was something to take over */
export async function takeOver(run: ApplyRun, item: Item, live: LiveObject): Promise<boolean> {
  if (!live.needsTakeover || eitherOf(item.policies, live.policies).merged) return false;
  const { fieldManager } = run.rules;
  const { namespace, name } = item.object.metadata;
  return retryConflicts(async () => {
    const current = await readMetadata(run, item);
    if (current === undefined) return false;
    const body = takeoverPatch(run.rules, current);
    // The last operation only says which version the others are for.
    if (body.length <= 1) return false;
    const options = { fieldManager, metadataOnly: true, signal: run.signal };
    try {
      await run.kube.patch({ resource: item.resource, namespace, name }, { type: "json", body }, options);
      return true;
    } catch (error) {
      // It has been deleted since it was read: the apply that follows creates it.
      if (error instanceof ApiError && error.code === 404) return false;
      throw error;
    }
  });
}

/**
 * Takes over what has shown only in the answer to the apply: others wrote since it was last looked at, or the watch is late.
 *
 * @returns the object as it is then; `undefined` where there was nothing to take over
 */
async function tidyUp(run: ApplyRun, item: Item, applied: LiveObject): Promise<LiveObject | undefined> {
  let tidied: LiveObject | undefined;
  for (let left = mostAttempts; left > 0 && (await takeOver(run, item, tidied ?? applied)); left--) {
    tidied = liveOf(run.rules, (await apply(run, item, false)).object);
  }
  return tidied;
}

async function applyOrRecreate(run: ApplyRun, item: Item, before: Before) {
  try {
    return await despiteOldVersions(run, item, () => apply(run, item, false));
  } catch (error) {
    if (before.kind === "absent" || !(await canRecreate(run, item, { error, live: before.live }))) throw error;
    await recreate(run, item, before.live.uid);
    return apply(run, item, false);
  }
}

/**
 * Remembers the object as it is now.
 *
 * @param reviewed set if it was found in this state, and not corrected
 */
export function learn(
  run: ApplyRun,
  { kindWatch, object, digest, ignored, policies }: Item,
  live: LiveObject,
  reviewed?: Reviewed,
): LastApplied {
  const { uid, resourceVersion, generation, ours } = live;
  const isLeft = leavesAlone(eitherOf(policies, live.policies));
  const known: LastApplied = {
    owner: run.owner,
    digest: isLeft ? undefined : digest,
    left: ignored,
    isLeftByPolicy: isLeft && !leavesAlone(policies),
    uid,
    resourceVersion,
    generation,
    ours,
    merged: policies.merged,
    selfDeleting: isSelfDeleting(object),
    at: performance.now(),
    ambiguous: false,
    reported: false,
    takenBy: undefined,
    reviewed,
  };
  kindWatch.learn(object.metadata, known);
  return known;
}

/** Remembers that others have deleted the object: whatever appears in its place is news. */
export function learnMissing(run: ApplyRun, item: Item, reviewed: Reviewed): void {
  const { apiVersion, kind, metadata } = item.object;
  learn(
    run,
    item,
    liveOf(run.rules, { apiVersion, kind, metadata: { ...metadata, uid: "", resourceVersion: "0" } }),
    reviewed,
  );
}

/** A Job with a limit on how long it stays after it has ended. */
export function isSelfDeleting({ kind, spec }: KubeObject): boolean {
  return kind === "Job" && isRecord(spec) && typeof spec["ttlSecondsAfterFinished"] === "number";
}

/** The version of before may be older than what the apply met: somebody else may have written between. */
function isChanged(before: Before, now: LastApplied, previous: LastApplied | undefined): boolean {
  if (before.kind !== "seen") return true;
  if (before.live.resourceVersion === now.resourceVersion) return false;
  const isSentAnew = previous?.digest !== now.digest || !isDeepStrictEqual(previous?.left, now.left);
  return isSentAnew || before.live.ours !== now.ours || before.live.uid !== now.uid;
}

const mostAttempts = 5;

/**
 * Others write while we do: the server then asks to look again.
 *
 * @param attempt told whether there will be no other
 */
export async function retryConflicts<Result>(attempt: (isLast: boolean) => Promise<Result>): Promise<Result> {
  for (let left = mostAttempts - 1; ; left--) {
    try {
      return await attempt(left === 0);
    } catch (error) {
      if (left === 0 || !isConflict(error)) throw error;
    }
  }
}

export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason === "Conflict";
}

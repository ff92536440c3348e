import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "@leat/api";
import { differencesOf, isWithin } from "./differences.ts";
import { fieldsBeyond, hasField } from "./field-set.ts";
import { changedDrift, type Drift, refusedDrift } from "./found-drift.ts";
import type { Path } from "./ignore-rules.ts";
import { type Live, liveOf } from "./live.ts";
import { leaveIgnored } from "./leave-ignored.ts";
import { isOurApply, isTakenOver } from "./managed-fields.ts";
import { refusalFrom } from "./refusal.ts";
import type { ApplyRun, Item } from "./run.ts";
import { isConflict, retryConflicts } from "./send.ts";
import { eitherOf } from "./switches.ts";

/** How an object stands to what is declared, as a server-side apply that is only rehearsed tells. */
export type Review =
  | { kind: "gone" }
  /** `isOurs`: to apply it would change nothing at all, not even whose the fields are. */
  | { kind: "same"; live: Live; isOurs: boolean }
  /** What differs is left to others. */
  | { kind: "ignored"; live: Live }
  /** `isDeclared`: as far as the object tells, the difference may come from a change of what is declared. */
  | { kind: "differs"; live: Live; drift: Drift; isDeclared: boolean };

/**
 * Compares what is in the cluster with what an apply would make of it, both at the same version. Changes nothing.
 *
 * @throws Refusal where who acts may not read it
 */
export async function review(run: ApplyRun, item: Item): Promise<Review> {
  try {
    return await retryConflicts(async (isLast) => compare(run, item, isLast));
  } catch (error) {
    throw refusalFrom(error, item);
  }
}

/** @param anyVersion for an object that never rests: somebody may have written since it was read */
async function compare(run: ApplyRun, item: Item, anyVersion: boolean): Promise<Review> {
  const { kube, rules, signal } = run;
  const { resource, object } = item;
  const { namespace, name } = object.metadata;
  const current = await kube.get({ resource, namespace, name }, { signal });
  if (current === undefined) return { kind: "gone" };
  const { resourceVersion = "" } = current.metadata;
  const left = leaveIgnored(rules, item, current);
  const sent = anyVersion ? left : { ...left, metadata: { ...left.metadata, resourceVersion } };
  const live = liveOf(rules, current);
  try {
    const options = { fieldManager: rules.fieldManager, force: true, dryRun: true, signal };
    const { object: applied } = await kube.apply(resource, sent, options);
    return judge(run, item, current, applied);
  } catch (error) {
    if (isConflict(error)) throw error;
    const { cause } = refusalFrom(error, item);
    return { kind: "differs", live, drift: refusedDrift(cause), isDeclared: !run.drift.wasApplied(item) };
  }
}

function judge(run: ApplyRun, item: Item, current: KubeObject, applied: KubeObject): Review {
  const { rules, drift } = run;
  const live = liveOf(rules, current);
  const paths = [...differencesOf(current, applied), ...byHand(run, item, current, applied)];
  const ignored = drift.ignoredIn(item.object);
  const counted = paths.filter((path) => !isWithin(path, ignored));
  if (counted.length > 0) {
    const isDeclared = counted.some((path) => isOursOrAbsent(run, current, path));
    return { kind: "differs", live, drift: changedDrift(rules.fieldManager, current, counted), isDeclared };
  }
  if (paths.length > 0) return { kind: "ignored", live };
  return { kind: "same", live, isOurs: !live.untidy && isDeepStrictEqual(oursIn(run, current), oursIn(run, applied)) };
}

/** The fields that are ours. Since when does not count: the server notes an apply that gave a value in another form. */
function oursIn({ rules }: ApplyRun, { metadata }: KubeObject): Record<string, unknown> | undefined {
  return metadata.managedFields?.find((entry) => isOurApply(rules.fieldManager, entry))?.fieldsV1;
}

/** What others have set beside our fields, and we take away: a rehearsal leaves it there. */
function byHand(run: ApplyRun, { switches }: Item, current: KubeObject, applied: KubeObject): Path[] {
  const { rules } = run;
  const live = liveOf(rules, current);
  if (!live.untidy || eitherOf(switches, live.switches).merged) return [];
  const ours = oursIn(run, applied);
  const taken = (current.metadata.managedFields ?? []).filter((entry) => isTakenOver(rules, entry));
  const beyond = taken.flatMap(({ fieldsV1 = {} }) => fieldsBeyond(fieldsV1, ours, current));
  return beyond.filter((path) => !isWithin(path, housekeeping));
}

/** What kubectl notes for itself, and what the server keeps. */
const housekeeping = [["status"], ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"]];

/** Where others have changed a field, the field is theirs; where they have removed it, nobody can tell. */
function isOursOrAbsent(run: ApplyRun, current: KubeObject, path: Path): boolean {
  return hasField(oursIn(run, current), path, current) || !isThere(current, path);
}

function isThere(whole: unknown, path: Path): boolean {
  return (
    path.reduce<unknown>((part, step) => (part as Record<string, unknown> | undefined)?.[step], whole) !== undefined
  );
}

import type { KubeObject } from "@leat/api";
import { differencesOf, isWithin, valueAt } from "../fields/differences.ts";
import { type FieldSet, fieldsBeyond, hasField } from "../fields/field-set.ts";
import type { Path } from "../fields/ignore-rules.ts";
import { leaveIgnored } from "../fields/preserve-ignored-fields.ts";
import { liveOf, type LiveRules } from "../watch/sync-state.ts";
import { isOurApply, takenFields } from "../fields/managed-fields.ts";
import { type Rejection, rejectionFrom } from "../objects/rejection.ts";
import { explainRejection } from "./explain-rejection.ts";
import type { Asking, Sendable } from "./run.ts";
import { isConflict, retryConflicts } from "./send.ts";
import { eitherOf } from "../objects/object-policies.ts";

/** An object in the cluster, and the result of a server-side apply with dry-run. */
export type Comparison =
  | { kind: "absent" }
  /** The server would not take it. */
  | { kind: "rejected"; current: KubeObject; rejection: Rejection }
  | ({ kind: "compared" } & Compared);

export interface Compared {
  current: KubeObject;
  applied: KubeObject;
  /** To what is different in the two, and to what is in both and would be taken away. */
  paths: readonly Path[];
}

/**
 * Compares what is in the cluster with what an apply would make of it, both at the same version. Changes nothing.
 *
 * @throws Rejection where the acting identity may not read it
 */
export async function compareWithApplied(run: Asking, item: Sendable): Promise<Comparison> {
  try {
    return await retryConflicts(async (isLast) => compare(run, item, isLast));
  } catch (error) {
    throw rejectionFrom(error, item);
  }
}

/** @param anyVersion for an object that never rests: somebody may have written since it was read */
async function compare(run: Asking, item: Sendable, anyVersion: boolean): Promise<Comparison> {
  const { kube, rules, signal } = run;
  const { resource, object } = item;
  const { namespace, name } = object.metadata;
  const current = await kube.get({ resource, namespace, name }, { signal });
  if (current === undefined) return { kind: "absent" };
  const { resourceVersion = "" } = current.metadata;
  const left = leaveIgnored(rules, item, current);
  const sent = anyVersion ? left : { ...left, metadata: { ...left.metadata, resourceVersion } };
  try {
    const options = { fieldManager: rules.fieldManager, force: true, dryRun: true, signal };
    const { object: applied } = await kube.apply(resource, sent, options);
    const paths = [...differencesOf(current, applied), ...byHand(rules, item, { current, applied })];
    return { kind: "compared", current, applied, paths };
  } catch (error) {
    if (isConflict(error)) throw error;
    return { kind: "rejected", current, rejection: await explainRejection(run, item, error) };
  }
}

/** The fields that are ours. Since when does not count: the server notes an apply that gave a value in another form. */
export function oursIn({ fieldManager }: LiveRules, { metadata }: KubeObject): FieldSet | undefined {
  return metadata.managedFields?.find((entry) => isOurApply(fieldManager, entry))?.fieldsV1;
}

/** A field changed by others has their manager; a removed field has no author. */
export function isOursOrAbsent(rules: LiveRules, current: KubeObject, path: Path): boolean {
  return hasField(oursIn(rules, current), path, current) || valueAt(current, path) === undefined;
}

/** Fields that others have set beside ours and that an apply removes; a dry-run leaves them. */
function byHand(
  rules: LiveRules,
  { policies }: Sendable,
  { current, applied }: Pick<Compared, "current" | "applied">,
): Path[] {
  const live = liveOf(rules, current);
  if (!live.needsTakeover || eitherOf(policies, live.policies).merged) return [];
  const ours = oursIn(rules, applied);
  const taken = (current.metadata.managedFields ?? []).map((entry) => takenFields(rules, entry));
  const beyond = taken.flatMap((fields) => (fields === undefined ? [] : fieldsBeyond(fields, ours, current)));
  return beyond.filter((path) => !isWithin(path, housekeeping));
}

/** What kubectl notes for itself, and what the server keeps. */
const housekeeping = [["status"], ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"]];

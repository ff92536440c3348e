import { hash } from "node:crypto";
import type { KubeObject } from "@leat/api";
import type { Drift } from "../drift/drift.ts";
import type { Path } from "../fields/ignore-rules.ts";
import { isOurApply, needsTakeover, type TakeoverRules } from "../fields/managed-fields.ts";
import { labelledOwner } from "../objects/owner.ts";
import { leavesAlone, type ObjectPolicies, objectPoliciesOf } from "../objects/object-policies.ts";

/** What is kept of an object in the cluster: a few hundred bytes, none of its content. */
export interface LiveObject extends KubeObject {
  uid: string;
  resourceVersion: string;
  generation: number | undefined;
  /** Digest of which fields we own, and since when; `undefined` where we own none. */
  ours: string | undefined;
  /** Somebody has set fields by hand, or left traces, that the next apply takes over. */
  needsTakeover: boolean;
  policies: ObjectPolicies;
  /** Whom the labels name. */
  owner: string | undefined;
}

export interface LiveRules extends TakeoverRules {
  ownerGroup: string;
}

/** @param object its metadata is enough */
export function liveOf(rules: LiveRules, { apiVersion, kind, metadata }: KubeObject): LiveObject {
  const { name, namespace, uid = "", resourceVersion = "", generation, managedFields = [] } = metadata;
  const entry = managedFields.find((candidate) => isOurApply(rules.fieldManager, candidate));
  return {
    apiVersion,
    kind,
    metadata: namespace === undefined ? { name } : { namespace, name },
    uid,
    resourceVersion,
    generation,
    ours: entry && hash("sha1", `${entry.time} ${entry.apiVersion} ${JSON.stringify(entry.fieldsV1)}`, "base64url"),
    needsTakeover: needsTakeover(rules, metadata),
    policies: objectPoliciesOf(rules.ownerGroup, metadata),
    owner: labelledOwner(rules.ownerGroup, metadata),
  };
}

/** What we did last to an object, and what the server answered. */
export interface LastApplied {
  owner: string;
  /** Of what was sent; `undefined` for an object that is left alone. */
  digest: string | undefined;
  /** The paths that were left to others. */
  left: readonly Path[];
  uid: string;
  resourceVersion: string;
  generation: number | undefined;
  ours: string | undefined;
  /** It is left alone only as long as it says so itself, in the cluster. */
  isLeftByPolicy: boolean;
  /** The source says that fields of other managers stay. */
  merged: boolean;
  /** Removes itself when it is done: its deletion is no drift. */
  selfDeleting: boolean;
  /** On the clock of `performance.now()`. */
  at: number;
  /** Something was written that cannot be told from a change of what we declare: the next run sends the object. */
  ambiguous: boolean;
  /** Drift was seen: nothing more is said until the object is applied again. */
  reported: boolean;
  /** Another owner that applies the object too, and changed its declaration last: it keeps the object. */
  takenBy: string | undefined;
  /** Found in this state, and not corrected; `undefined` if all declared fields are ours and as applied. */
  reviewed: Reviewed | undefined;
}

/** What was found of an object that is left as it is. Its fields may be others': any write to it may concern them. */
export interface Reviewed {
  /** The paths that did not count, as one text; `undefined` where nobody has looked. */
  ignored: string | undefined;
  drift: Drift | undefined;
}

/**
 * How an object in the cluster stands to what we did last.
 *
 * - `same`: nobody has written since.
 * - `behind`: the watch has not yet seen our own write.
 * - `bookkeeping`: others wrote, and none of the fields that we declare: they are all still ours, and since then. The server
 *   takes a field from its manager when anybody else changes or removes it.
 * - `ambiguous`: as before, so soon after our write that the times (whole seconds) cannot tell a second writer of our name.
 * - `drift`: what we declare was changed, or was set by hand beside it; or it may have been, where it is not all ours.
 */
export type SyncState = "same" | "behind" | "bookkeeping" | "ambiguous" | "drift";

// The times of managed fields are whole seconds of the server, and the news of a write may be late.
const soonMs = 3_000;

export function syncStateOf(known: LastApplied, live: LiveObject, now: number): SyncState {
  if (live.uid === known.uid && live.resourceVersion === known.resourceVersion) return "same";
  if (!isNewer(live.resourceVersion, known.resourceVersion)) return "behind";
  if (live.uid !== known.uid) return "drift";
  // An object that is left alone may be changed by anybody.
  if (known.digest === undefined) return known.isLeftByPolicy && !leavesAlone(live.policies) ? "drift" : "bookkeeping";
  if (isTouched(known, live)) return "drift";
  const specIsSame = live.generation !== undefined && live.generation === known.generation;
  return specIsSame || now - known.at > soonMs ? "bookkeeping" : "ambiguous";
}

function isTouched({ owner, ours, merged, reviewed }: LastApplied, live: LiveObject): boolean {
  if (reviewed !== undefined) return true;
  return live.owner !== owner || live.ours !== ours || (live.needsTakeover && !merged && !live.policies.merged);
}

/** resourceVersions of one resource are decimal numbers that grow. */
export function isNewer(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}

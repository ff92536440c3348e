import { type ObjectMeta, type ObjectPolicy, objectPolicyKey, ObjectPolicyValue } from "@leat/api";

const { disabled, enabled, ignore, ifNotPresent, merge } = ObjectPolicyValue;

/** How one object wants to be treated, by labels or annotations of it. */
export interface ObjectPolicies {
  /** Neither applied, pruned nor checked for health. */
  ignored: boolean;
  /** Created where it is missing, and then left alone. */
  onlyCreated: boolean;
  /** Fields of other managers stay as they are. */
  merged: boolean;
  /** Outlives its removal from the source. */
  keptOnPrune: boolean;
  /** Recreated where an immutable field changed. */
  forced: boolean;
}

const none: ObjectPolicies = Object.freeze({
  ignored: false,
  onlyCreated: false,
  merged: false,
  keptOnPrune: false,
  forced: false,
});

/** @param group API group of the owner's kind */
export function objectPoliciesOf(group: string, { labels, annotations }: ObjectMeta): ObjectPolicies {
  const has = (policy: ObjectPolicy, value: string) => {
    const key = objectPolicyKey(group, policy);
    return isValue(labels?.[key], value) || isValue(annotations?.[key], value);
  };
  const policies = {
    ignored: has("reconcile", disabled) || has("ssa", ignore),
    onlyCreated: has("ssa", ifNotPresent),
    merged: has("ssa", merge),
    keptOnPrune: has("prune", disabled),
    forced: has("force", enabled),
  };
  // Most objects have none: all of them share one.
  return Object.values(policies).some(Boolean) ? policies : none;
}

/** A policy counts where it is set on the object in the source or on the one in the cluster. */
export function eitherOf(a: ObjectPolicies, b: ObjectPolicies | undefined): ObjectPolicies {
  if (b === undefined || b === none) return a;
  return {
    ignored: a.ignored || b.ignored,
    onlyCreated: a.onlyCreated || b.onlyCreated,
    merged: a.merged || b.merged,
    keptOnPrune: a.keptOnPrune || b.keptOnPrune,
    forced: a.forced || b.forced,
  };
}

/** Whether an object with these policies is not applied over what is there. */
export function leavesAlone({ ignored, onlyCreated }: ObjectPolicies): boolean {
  return ignored || onlyCreated;
}

function isValue(given: unknown, wanted: string): boolean {
  return typeof given === "string" && given.toLowerCase() === wanted.toLowerCase();
}

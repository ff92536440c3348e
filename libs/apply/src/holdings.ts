import type { KubeObject } from "@leat/api";
import { isOurApply, isTakenOver, type TakeoverRules, unionOf } from "./managed-fields.ts";

/** A part of `FieldsV1` (sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go); a set with no names stands for all below it. */
export type FieldSet = Readonly<Record<string, unknown>>;

/** Whose the fields of an object are; `undefined` where nothing is. */
export interface Holdings {
  ours: FieldSet | undefined;
  others: FieldSet | undefined;
}

/**
 * @param takesOver what others have set by hand counts as ours, since it is taken over before the object is applied
 */
export function holdingsOf(rules: TakeoverRules, { metadata }: KubeObject, takesOver: boolean): Holdings {
  const { managedFields = [] } = metadata;
  const ours = managedFields.filter(
    (entry) => isOurApply(rules.fieldManager, entry) || (takesOver && isTakenOver(rules, entry)),
  );
  const others = managedFields.filter((entry) => !ours.includes(entry));
  const union = (entries: typeof managedFields) =>
    entries.length === 0 ? undefined : entries.map(({ fieldsV1 = {} }) => fieldsV1).reduce(unionOf);
  return { ours: union(ours), others: union(others) };
}

/** Names of what the set has of its own; a dot says only that the value itself is in it too. */
export function ownFieldNames(set: FieldSet | undefined): string[] {
  return Object.keys(set ?? {}).filter((name) => name !== ".");
}

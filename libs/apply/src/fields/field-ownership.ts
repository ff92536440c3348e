import type { KubeObject } from "@leat/api";
import type { FieldSet } from "./field-set.ts";
import { isOurApply, isTakenOver, type TakeoverRules, unionOf } from "./managed-fields.ts";

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

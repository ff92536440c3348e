import {
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  obsoleteAnnotations,
  obsoleteLabels,
} from "@leat/api";
import { ownFieldNames, partBelow } from "./field-set.ts";
import { isRecord } from "./json-edit.ts";

/** Whose fields are taken over: they were set by hand, or by who managed the object before us. */
export interface TakeoverRules {
  /** Our own name. */
  fieldManager: string;
  overrideManagers: readonly string[];
}

/** Whether {@link takeoverPatch} has something to do. */
export function needsTakeover(rules: TakeoverRules, { managedFields, annotations, labels }: ObjectMeta): boolean {
  return (
    (managedFields ?? []).some((entry) => isTakenOver(rules, entry)) ||
    obsoleteAnnotations.some((key) => annotations?.[key] !== undefined) ||
    obsoleteLabels.some((key) => labels?.[key] !== undefined)
  );
}

/**
 * A JSON patch that makes us the manager of what the others have set, so that the next apply removes of it what is not
 * declared. It holds for exactly this resourceVersion: on another the server answers 409.
 */
export function takeoverPatch(rules: TakeoverRules, { apiVersion, metadata }: KubeObject): object[] {
  const { annotations, labels, managedFields = [], resourceVersion } = metadata;
  const operations: object[] = [];
  for (const key of obsoleteAnnotations) {
    if (annotations?.[key] !== undefined) operations.push(removal("annotations", key));
  }
  for (const key of obsoleteLabels) if (labels?.[key] !== undefined) operations.push(removal("labels", key));
  const taken = managedFields.flatMap((entry) => {
    const fieldsV1 = takenFields(rules, entry);
    return fieldsV1 === undefined ? [] : [{ ...entry, fieldsV1 }];
  });
  if (taken.length > 0) {
    const isOurs = (entry: ManagedFieldsEntry) => isOurApply(rules.fieldManager, entry);
    const ours = managedFields.find(isOurs) ?? { ...taken[0], apiVersion: taken[0]?.apiVersion ?? apiVersion };
    const merged = {
      ...ours,
      manager: rules.fieldManager,
      operation: "Apply",
      fieldsV1: [ours, ...taken].map(({ fieldsV1 = {} }) => fieldsV1).reduce(unionOf),
    };
    const others = managedFields.filter((entry) => !isOurs(entry)).flatMap((entry) => leftOf(rules, entry) ?? []);
    operations.push({ op: "replace", path: "/metadata/managedFields", value: [merged, ...others] });
  }
  return [...operations, { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion }];
}

export function isOurApply(fieldManager: string, { manager, operation, subresource }: ManagedFieldsEntry): boolean {
  return manager === fieldManager && operation === "Apply" && !subresource;
}

export function isTakenOver(rules: TakeoverRules, entry: ManagedFieldsEntry): boolean {
  return takenFields(rules, entry) !== undefined;
}

/** Those fields of an entry that are taken over. `kubectl rollout restart` sets one that stays: without it, the pods would restart again. */
export function takenFields(rules: TakeoverRules, entry: ManagedFieldsEntry): Record<string, unknown> | undefined {
  if (!isOfOverridden(rules, entry)) return undefined;
  const { fieldsV1 = {} } = entry;
  if (!isRestart(entry)) return fieldsV1;
  const rest = withoutField(fieldsV1, restartedAt);
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** What of an entry stays with its manager. */
function leftOf(rules: TakeoverRules, entry: ManagedFieldsEntry): ManagedFieldsEntry | undefined {
  if (!isTakenOver(rules, entry)) return entry;
  return isRestart(entry) ? { ...entry, fieldsV1: setOf(restartedAt) } : undefined;
}

const restartedAt = ["spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"];

function isRestart({ manager, fieldsV1 = {} }: ManagedFieldsEntry): boolean {
  return manager === "kubectl-rollout" && partBelow(fieldsV1, restartedAt) !== undefined;
}

function setOf([step, ...rest]: readonly string[]): Record<string, unknown> {
  return step === undefined ? {} : { [`f:${step}`]: setOf(rest) };
}

/** Nothing is left of a part that holds nothing else. */
function withoutField(set: Record<string, unknown>, [step, ...rest]: readonly string[]): Record<string, unknown> {
  const key = `f:${step}`;
  const { [key]: part, ...others } = set;
  const left = rest.length > 0 && isRecord(part) ? withoutField(part, rest) : {};
  const kept = ownFieldNames(left).length > 0 ? { ...others, [key]: left } : others;
  return ownFieldNames(kept).length === 0 ? {} : kept;
}

/** Entries of subresources belong to who scales the object or writes its status. */
function isOfOverridden(rules: TakeoverRules, { manager = "", operation, subresource }: ManagedFieldsEntry): boolean {
  if (subresource) return false;
  if (manager.startsWith("kubectl") || rules.overrideManagers.includes(manager)) return true;
  return operation === "Update" && (manager === "before-first-apply" || manager === rules.fieldManager);
}

function removal(field: "annotations" | "labels", key: string): object {
  return { op: "remove", path: `/metadata/${field}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}` };
}

/** Of two sets of fields. */
export function unionOf(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const union = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const there = union[key];
    union[key] = isRecord(there) && isRecord(value) ? unionOf(there, value) : (there ?? value);
  }
  return union;
}

import { groupOf } from "@leat/api";
import type { ObjectName } from "../objects/object-name.ts";

/** What is applied, and waited for, before the next. */
export type Stage = (typeof stages)[number];

export const stages = ["definitions", "classes", "custom", "rest"] as const;

const definitionKinds = new Set(["CustomResourceDefinition", "Namespace", "ClusterRole"]);

const firstKinds = [
  "CustomResourceDefinition",
  "Namespace",
  "ClusterRole",
  "ClusterClass",
  "RuntimeClass",
  "PriorityClass",
  "StorageClass",
  "VolumeSnapshotClass",
  "IngressClass",
  "GatewayClass",
  "ClusterRoleBinding",
  "ResourceQuota",
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ConfigMap",
  "Secret",
  "Service",
  "LimitRange",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
];

// A webhook that is registered before what serves it rejects everything else.
const lastKinds = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

const unlistedRank = firstKinds.length;

const ranks = new Map([
  ...firstKinds.map((kind, index) => [kind, index] as const),
  ...lastKinds.map((kind, index) => [kind, unlistedRank + 1 + index] as const),
]);

/** Place of a kind in the order of applying; objects of one rank do not depend on each other. */
export function rankOf(kind: string): number {
  return ranks.get(kind) ?? unlistedRank;
}

/** Order of applying; deleting goes the other way. */
export function compareNames(a: ObjectName, b: ObjectName): number {
  return (
    rankOf(a.kind) - rankOf(b.kind) ||
    compareTexts(groupOf(a.apiVersion), groupOf(b.apiVersion)) ||
    compareTexts(a.kind, b.kind) ||
    compareTexts(a.namespace ?? "", b.namespace ?? "") ||
    compareTexts(a.name, b.name)
  );
}

/** @param customKinds `group/kind`, or the kind alone for the core group: those of the stage before the rest */
export function stageOf({ apiVersion, kind }: ObjectName, customKinds: ReadonlySet<string>): Stage {
  if (definitionKinds.has(kind)) return "definitions";
  if (kind.endsWith("Class")) return "classes";
  const group = groupOf(apiVersion);
  return customKinds.has(group === "" ? kind : `${group}/${kind}`) || customKinds.has(`${group}/${kind}`)
    ? "custom"
    : "rest";
}

/** By code units: independent of any locale. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

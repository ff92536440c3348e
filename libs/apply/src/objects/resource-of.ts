import { groupOf, type Resource } from "@leat/api";
import { isRecord } from "../fields/json-edit.ts";
import { apiVersionOf, type ObjectName } from "./object-name.ts";
import type { Run } from "../run/run.ts";

type Finding = Pick<Run, "kube" | "signal"> & { kindWatches: Pick<Run["kindWatches"], "find"> };

/** Which resource serves an object that was applied once; by another version where its own is no longer served. */
export async function findResource(run: Finding, { apiVersion, kind }: ObjectName): Promise<Resource | undefined> {
  const { kube, kindWatches, signal } = run;
  const group = groupOf(apiVersion);
  return (
    (await kube.resourceOf(apiVersion, kind, { signal })) ??
    kindWatches.find(group, kind)?.resource ??
    (await resourceOfDefinition(run, group, kind))
  );
}

async function resourceOfDefinition(
  { kube, signal }: Finding,
  group: string,
  kind: string,
): Promise<Resource | undefined> {
  // Such a group is the server's own and not defined by objects.
  if (!group.includes(".")) return undefined;
  const definitions = await kube.resourceOf("apiextensions.k8s.io/v1", "CustomResourceDefinition", { signal });
  if (definitions === undefined) return undefined;
  const { objects } = await kube.list({ resource: definitions }, { signal });
  for (const { spec } of objects) {
    const version = isRecord(spec) && spec["group"] === group ? servedVersion(spec, kind) : undefined;
    if (version !== undefined) return kube.resourceOf(apiVersionOf(group, version), kind, { signal });
  }
  return undefined;
}

function servedVersion({ names, versions }: Record<string, unknown>, kind: string): string | undefined {
  if (!isRecord(names) || names["kind"] !== kind || !Array.isArray(versions)) return undefined;
  const served = versions.find((version) => isRecord(version) && version["served"] === true) as unknown;
  return isRecord(served) ? String(served["name"]) : undefined;
}

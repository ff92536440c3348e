import { groupOf, type Resource } from "@leat/api";
import { ApiUnavailable } from "@leat/kube";
import type { Declared } from "./declared.ts";
import { rejectionFrom } from "./rejection.ts";
import { isRecord } from "../fields/json-edit.ts";
import { apiVersionOf, type ObjectName } from "./object-name.ts";
import type { Run } from "../run/run.ts";

type Finding = Pick<Run, "kube" | "signal"> & { kindWatches: Pick<Run["kindWatches"], "find"> };

/**
 * Which resource serves a declared object; `undefined` if the API server knows none.
 *
 * @throws Rejection if that is not known at the moment
 */
export async function resourceOfDeclared(
  { kube, signal }: Pick<Run, "kube" | "signal">,
  declared: Declared,
): Promise<Resource | undefined> {
  const { apiVersion, kind } = declared.object;
  try {
    return await kube.resourceOf(apiVersion, kind, { signal });
  } catch (error) {
    throw rejectionFrom(error, declared);
  }
}

/**
 * Which resource serves an object that was applied once; by another version where its own is no longer served. `undefined`: its
 * kind is gone, and so are its objects.
 *
 * @throws ApiUnavailable if the kind may be there, and is only not served at the moment
 */
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
  for (const { spec, status } of objects) {
    const version = isRecord(spec) && spec["group"] === group ? servedVersion(spec, kind) : undefined;
    if (version === undefined) continue;
    const resource = await kube.resourceOf(apiVersionOf(group, version), kind, { signal });
    if (resource === undefined && isEstablished(status)) throw new ApiUnavailable(group, version);
    return resource;
  }
  return undefined;
}

/** A server that has just started serves kinds later than their definitions. */
function isEstablished(status: unknown): boolean {
  const conditions = isRecord(status) && Array.isArray(status["conditions"]) ? status["conditions"] : [];
  return conditions.some((one) => isRecord(one) && one["type"] === "Established" && one["status"] === "True");
}

function servedVersion({ names, versions }: Record<string, unknown>, kind: string): string | undefined {
  if (!isRecord(names) || names["kind"] !== kind || !Array.isArray(versions)) return undefined;
  const served = versions.find((version) => isRecord(version) && version["served"] === true) as unknown;
  return isRecord(served) ? String(served["name"]) : undefined;
}

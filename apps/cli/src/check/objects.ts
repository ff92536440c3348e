import { kinds, type KubeObject, type ResourceDefinition } from "@leat/api";
import { ApiError } from "@leat/kube";
import { conditionOf } from "../cluster/condition-of.ts";
import { KindMissing, listObjects } from "../cluster/find.ts";
import { isSuspended } from "../reconcile/settled.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { type Finding, findingsAbout } from "./finding.ts";

const { ok, warning } = findingsAbout("objects");

/** How many objects of each kind are ready, failing and suspended: all that the rights reach. */
export async function checkObjects(cluster: Cluster): Promise<Finding[]> {
  const found = await Promise.all(kinds.map((kind) => checkKind(cluster, kind)));
  return found.flat();
}

async function checkKind(cluster: Cluster, kind: ResourceDefinition): Promise<Finding[]> {
  const { plural } = kind;
  const listed = await listedOf(cluster, kind);
  if (listed === undefined) return [];
  const states = Object.groupBy(listed, stateOf);
  const counts = (["ready", "failing", "in progress", "suspended"] as const).flatMap((state) =>
    states[state] === undefined ? [] : [`${states[state].length} ${state}`],
  );
  const said = `${listed.length} ${plural}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}`;
  if (states.failing === undefined) return [ok(said)];
  return [warning(`${said}; \`leat get ${plural} -A --status-selector ready=false\` shows why`)];
}

/** `undefined` where the cluster does not know the kind. */
async function listedOf(cluster: Cluster, kind: ResourceDefinition): Promise<KubeObject[] | undefined> {
  try {
    return await listObjects({ ...cluster, scope: undefined }, kind);
  } catch (error) {
    if (error instanceof KindMissing) return undefined;
    // Who may not see all namespaces may see this one.
    if (error instanceof ApiError && error.code === 403) return listObjects(cluster, kind);
    throw error;
  }
}

function stateOf(object: KubeObject): "ready" | "failing" | "in progress" | "suspended" {
  if (isSuspended(object)) return "suspended";
  const ready = conditionOf(object, "Ready")?.status;
  if (ready === "True") return "ready";
  return ready === "False" ? "failing" : "in progress";
}

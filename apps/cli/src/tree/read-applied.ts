import { groupOf, type KubeObject, type Resource } from "@leat/api";
import { nameOf, type ObjectName } from "@leat/apply";
import { ApiError, ApiUnavailable } from "@leat/kube";
import type { Cluster } from "../cluster/with-cluster.ts";

/** An object as it is, or why it cannot be told. */
export type Applied = { kind: "object"; object: KubeObject } | { kind: "rejected"; message: string };

/** Of fewer of a kind than this each is read by itself: that is answered sooner than a list. */
const fewestToList = 4;

/** Kinds whose objects have nothing to say of themselves but that they exist: only their metadata is read. */
const withoutHealth = new Set([
  "/ConfigMap",
  "/LimitRange",
  "/Namespace",
  "/ResourceQuota",
  "/Secret",
  "/ServiceAccount",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "networking.k8s.io/IngressClass",
  "networking.k8s.io/NetworkPolicy",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "rbac.authorization.k8s.io/Role",
  "rbac.authorization.k8s.io/RoleBinding",
  "scheduling.k8s.io/PriorityClass",
  "storage.k8s.io/StorageClass",
]);

/**
 * Reads what an owner has applied, by their {@link keyOf}; what does not exist is left out. One list a kind answers for all
 * objects with the owner's labels, and only the rest is read one by one.
 */
export async function readApplied(
  cluster: Cluster,
  labels: Record<string, string>,
  names: readonly ObjectName[],
): Promise<Map<string, Applied>> {
  const byKind = Map.groupBy(names, ({ apiVersion, kind }) => `${apiVersion}/${kind}`);
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const found = await Promise.all([...byKind.values()].map((ofKind) => readKind(cluster, labelSelector, ofKind)));
  return new Map(found.flat());
}

export function keyOf({ apiVersion, kind, namespace = "", name }: ObjectName): string {
  return `${groupOf(apiVersion)}/${kind}/${namespace}/${name}`;
}

type Found = [key: string, applied: Applied];

async function readKind(cluster: Cluster, labelSelector: string, names: readonly ObjectName[]): Promise<Found[]> {
  const [{ apiVersion, kind }] = names as [ObjectName];
  const resource = await resourceOf(cluster, apiVersion, kind);
  if (typeof resource === "string") return names.map((name) => [keyOf(name), { kind: "rejected", message: resource }]);
  const listed = names.length < fewestToList ? [] : await list(cluster, resource, { labelSelector, names });
  const known = new Map(listed.map((object) => [keyOf(nameOf(object)), object]));
  const found = await Promise.all(
    names.map(async (name): Promise<Found[]> => {
      const object = known.get(keyOf(name));
      const applied = object ? ({ kind: "object", object } as const) : await readOne(cluster, resource, name);
      return applied === undefined ? [] : [[keyOf(name), applied]];
    }),
  );
  return found.flat();
}

/** Or why there is none. */
async function resourceOf({ kube, signal }: Cluster, apiVersion: string, kind: string): Promise<Resource | string> {
  try {
    return (await kube.resourceOf(apiVersion, kind, { signal })) ?? `no matches for kind ${kind} in ${apiVersion}`;
  } catch (error) {
    if (error instanceof ApiUnavailable) return error.message;
    throw error;
  }
}

async function list(
  { kube, signal }: Cluster,
  resource: Resource,
  { labelSelector, names }: { labelSelector: string; names: readonly ObjectName[] },
): Promise<KubeObject[]> {
  const namespaces = new Set(names.map(({ namespace }) => namespace));
  const namespace = namespaces.size === 1 ? names[0]?.namespace : undefined;
  const metadataOnly = hasNoHealth(resource);
  try {
    return (await kube.list({ resource, namespace, labelSelector, metadataOnly }, { signal })).objects;
  } catch (error) {
    // Who may not list may still be allowed to read.
    if (isRejected(error)) return [];
    throw error;
  }
}

async function readOne(
  { kube, signal }: Cluster,
  resource: Resource,
  { namespace, name }: ObjectName,
): Promise<Applied | undefined> {
  try {
    const object = await kube.get({ resource, namespace, name }, { signal, metadataOnly: hasNoHealth(resource) });
    return object && { kind: "object", object };
  } catch (error) {
    if (isRejected(error)) return { kind: "rejected", message: "you may not read it" };
    throw error;
  }
}

function hasNoHealth({ group, kind }: Resource): boolean {
  return withoutHealth.has(`${group}/${kind}`);
}

function isRejected(error: unknown): boolean {
  return error instanceof ApiError && error.code === 403;
}

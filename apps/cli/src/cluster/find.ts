import type { KubeObject, ResourceDefinition } from "@leat/api";
import { suggestion } from "@leat/controller";
import { ApiError, type Selection } from "@leat/kube";
import { Failure } from "../program/failure.ts";
import type { Cluster } from "./with-cluster.ts";

/**
 * The object of that name, in the command's namespace.
 *
 * @throws Failure where there is none, with the names that are near, or where it is instead
 */
export async function findObject(cluster: Cluster, kind: ResourceDefinition, name: string): Promise<KubeObject> {
  const object = await getObject(cluster, kind, name);
  if (object !== undefined) return object;
  const { namespace } = cluster;
  const objects = await listObjects({ ...cluster, scope: undefined }, kind, { metadataOnly: true }).catch(() =>
    // Who may not see all namespaces may see this one.
    listObjects({ ...cluster, scope: namespace }, kind, { metadataOnly: true }),
  );
  throw new Failure(
    `${kind.kind} ${name} not found in namespace ${namespace}${whereInstead(objects, namespace, name)}`,
  );
}

/**
 * The objects of that name that the command covers: one, or with `-A` those of all namespaces.
 *
 * @throws Failure where there is none
 */
export async function findNamed(cluster: Cluster, kind: ResourceDefinition, name: string): Promise<KubeObject[]> {
  if (cluster.scope !== undefined) return [await findObject(cluster, kind, name)];
  const objects = await findIfAny(cluster, kind, name);
  if (objects.length > 0) return objects;
  const others = await listObjects(cluster, kind, { metadataOnly: true });
  const near = suggestion(
    name,
    others.map(({ metadata }) => metadata.name),
  );
  throw new Failure(`${kind.kind} ${name} not found in any namespace${near}`);
}

/** As {@link findNamed}; empty where there is none. */
export async function findIfAny(cluster: Cluster, kind: ResourceDefinition, name: string): Promise<KubeObject[]> {
  if (cluster.scope === undefined) return listObjects(cluster, kind, { fieldSelector: `metadata.name=${name}` });
  const object = await getObject(cluster, kind, name);
  return object === undefined ? [] : [object];
}

async function getObject(
  { kube, namespace, signal, waitFor }: Cluster,
  kind: ResourceDefinition,
  name: string,
): Promise<KubeObject | undefined> {
  waitFor(`the ${kind.kind} ${name}`);
  return kube.get({ resource: kind, namespace, name }, { signal });
}

function whereInstead(objects: readonly KubeObject[], namespace: string, name: string): string {
  const elsewhere = objects.filter(({ metadata }) => metadata.name === name).map(({ metadata }) => metadata.namespace);
  if (elsewhere.length > 0) return `; there is one in ${elsewhere.slice(0, 5).join(", ")}: add -n ${elsewhere[0]}`;
  return suggestion(
    name,
    objects.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name),
  );
}

/**
 * The objects of a kind that the command covers.
 *
 * @throws Failure where the cluster does not know the kind
 */
export async function listObjects(
  { kube, scope, signal, waitFor }: Cluster,
  kind: ResourceDefinition,
  selection: Pick<Selection, "labelSelector" | "fieldSelector" | "metadataOnly"> = {},
): Promise<KubeObject[]> {
  waitFor(`the list of ${kind.plural}`);
  try {
    const { objects } = await kube.list({ ...selection, resource: kind, namespace: scope }, { signal });
    return objects;
  } catch (error) {
    throw isNotServed(error) ? new KindMissing(kind) : error;
  }
}

/** The cluster does not know a kind. */
export class KindMissing extends Failure {
  constructor({ kind, apiVersion }: ResourceDefinition) {
    super(
      `the cluster does not know ${kind} of ${apiVersion}: its CRD is not installed.\n\`leat check\` lists the installed CRDs.`,
    );
  }
}

function isNotServed(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

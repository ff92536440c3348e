import type { KubeObject, OwnerReference } from "@leat/api";
import type { Cluster } from "../cluster/with-cluster.ts";

/** An object that another names as its owner, read where it is there. */
export interface OwnerFound {
  reference: OwnerReference;
  namespace: string | undefined;
  /** Absent where it is gone, or may not be read by its kind. */
  object: KubeObject | undefined;
}

/** Deeper than any controller goes: Deployment, ReplicaSet, Pod are three. */
const mostOwners = 20;

/** Follows owner references upwards; of several owners, the one that controls the object, else the first. */
export async function ownersOf({ kube, signal }: Cluster, object: KubeObject): Promise<OwnerFound[]> {
  const found: OwnerFound[] = [];
  const seen = new Set([object.metadata.uid]);
  let current: KubeObject | undefined = object;
  while (current !== undefined && found.length < mostOwners) {
    const reference = ownerIn(current);
    if (reference === undefined || seen.has(reference.uid)) break;
    seen.add(reference.uid);
    const { apiVersion, kind, name, uid } = reference;
    const resource = await kube.resourceOf(apiVersion, kind, { signal });
    const namespace: string | undefined = resource?.namespaced === false ? undefined : current.metadata.namespace;
    const owner: KubeObject | undefined = resource && (await kube.get({ resource, namespace, name }, { signal }));
    // Another object of its name is not the owner.
    current = owner?.metadata.uid === uid ? owner : undefined;
    found.push({ reference, namespace, object: current });
  }
  return found;
}

function ownerIn({ metadata: { ownerReferences = [] } }: KubeObject): OwnerReference | undefined {
  return ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0];
}

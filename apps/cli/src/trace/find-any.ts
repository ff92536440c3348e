import type { ObjectRef } from "@leat/kube";
import { Failure } from "../program/failure.ts";
import type { Cluster } from "../cluster/with-cluster.ts";

/** An object as a person names it. */
export interface Named {
  /** A kind, a plural, a short name; of any kind that the cluster knows. */
  kind: string;
  name: string;
  apiVersion: string | undefined;
}

/**
 * Where an object is found that need not exist.
 *
 * @throws Failure where the cluster does not know the kind
 */
export async function findAny(
  { kube, namespace, signal }: Cluster,
  { kind, name, apiVersion }: Named,
): Promise<ObjectRef> {
  const resource =
    apiVersion === undefined
      ? await kube.resourceNamed(kind, { signal })
      : await kube.resourceOf(apiVersion, kind, { signal });
  if (resource !== undefined) return { resource, namespace: resource.namespaced ? namespace : undefined, name };
  const version = apiVersion === undefined ? "" : ` of ${apiVersion}`;
  throw new Failure(`unknown kind ${JSON.stringify(kind)}${version}; see kubectl api-resources`);
}

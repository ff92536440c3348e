import { groupOf, HelmRelease, type KubeObject, Kustomization, ownerNameLabel, ownerNamespaceLabel } from "@leat/api";
import { parseEntry } from "@leat/apply";
import { inventoryOf } from "../cluster/inventory-of.ts";
import type { Cluster } from "../cluster/with-cluster.ts";

/** What an object's labels say of who applied it. */
export type Applier =
  /** It is there, and lists the object where it keeps a list at all. */
  | { kind: "found"; object: KubeObject }
  /** It is there, but does not list the object: the labels were copied, or the object was left behind. */
  | { kind: "unlisted"; applier: string }
  | { kind: "missing"; applier: string };

/** The kinds whose objects apply others, by the labels that they leave; what was installed from a chart first. */
const appliers = [
  { definition: HelmRelease, keepsList: false },
  { definition: Kustomization, keepsList: true },
] as const;

/** Who applied an object, by its labels; `undefined` where it has none. */
export async function applierOf({ kube, signal }: Cluster, object: KubeObject): Promise<Applier | undefined> {
  for (const { definition, keepsList } of appliers) {
    const { group, version, kind } = definition;
    const name = object.metadata.labels?.[ownerNameLabel(group)];
    const namespace = object.metadata.labels?.[ownerNamespaceLabel(group)];
    if (name === undefined || namespace === undefined) continue;
    const applier = `${kind} ${namespace}/${name}`;
    const resource = await kube.resourceOf(`${group}/${version}`, kind, { signal });
    const found = resource && (await kube.get({ resource, namespace, name }, { signal }));
    if (found === undefined) return { kind: "missing", applier };
    const isListed = lists(found, object) ?? !keepsList;
    return isListed ? { kind: "found", object: found } : { kind: "unlisted", applier };
  }
  return undefined;
}

/** `undefined` where it keeps no list. */
function lists(applier: KubeObject, { apiVersion, kind, metadata }: KubeObject): boolean | undefined {
  return inventoryOf(applier)?.some((entry) => {
    const named = parseEntry(entry);
    return (
      named?.kind === kind &&
      named.name === metadata.name &&
      (named.namespace ?? "") === (metadata.namespace ?? "") &&
      groupOf(named.apiVersion) === groupOf(apiVersion)
    );
  });
}

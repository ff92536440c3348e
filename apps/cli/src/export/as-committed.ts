import {
  type KubeObject,
  Kustomization,
  obsoleteAnnotations,
  ownerNameLabel,
  ownerNamespaceLabel,
  requestedAtAnnotation,
} from "@leat/api";

/** Annotations that belong to a moment and not to what is declared. */
const passing = new Set<string>([
  requestedAtAnnotation,
  "reconcile.fluxcd.io/forceAt",
  "reconcile.fluxcd.io/resetAt",
  ...obsoleteAnnotations,
]);

/** Labels of who applied the object: the next one to apply it puts its own. */
const ownership = new Set(
  [Kustomization.group, "helm.toolkit.fluxcd.io"].flatMap((group) => [
    ownerNameLabel(group),
    ownerNamespaceLabel(group),
  ]),
);

/** An object as it would be committed to Git: what its author has declared, without what the cluster has added. */
export function asCommitted(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, status: _, ...declared } = object;
  const { name, namespace } = metadata;
  const labels = without(metadata.labels, ownership);
  const annotations = without(metadata.annotations, passing);
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }), ...(annotations && { annotations }) },
    ...declared,
  };
}

/** `undefined` where nothing is left. */
function without(
  map: Record<string, string> | undefined,
  keys: ReadonlySet<string>,
): Record<string, string> | undefined {
  const entries = Object.entries(map ?? {}).filter(([key]) => !keys.has(key));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

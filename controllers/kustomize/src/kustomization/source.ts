import type { Kustomization } from "@leat/api";
import { artifactOf, type Source, type SourceLookup } from "@leat/deploy";

/** The artifact of the source, or the reason why it cannot be used. */
export function sourceArtifact({ metadata, spec }: Kustomization, sources: SourceLookup): Promise<Source> {
  return artifactOf({ field: "spec.sourceRef", ...spec.sourceRef }, metadata.namespace, sources);
}

/** `Kind/namespace/name` of the source. */
export function sourceOf({ metadata, spec: { sourceRef } }: Pick<Kustomization, "metadata" | "spec">): string {
  return `${sourceRef.kind}/${sourceRef.namespace ?? metadata.namespace}/${sourceRef.name}`;
}

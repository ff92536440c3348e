import { Artifact, type Kustomization } from "@leat/api";
import type { Store } from "@leat/kube";

export type Source =
  | { kind: "found"; artifact: Artifact }
  | { kind: "missing"; message: string }
  | { kind: "noArtifact"; message: string }
  | { kind: "denied"; message: string };

export interface SourceLookup {
  repositories: Store;
  noCrossNamespaceRefs: boolean;
}

/** The artifact of the source that a Kustomization names, as the watch has it. */
export function sourceOf(
  { metadata, spec }: Kustomization,
  { repositories, noCrossNamespaceRefs }: SourceLookup,
): Source {
  const { kind, name, namespace = metadata.namespace } = spec.sourceRef;
  const subject = `${kind}/${namespace}/${name}`;
  if (noCrossNamespaceRefs && namespace !== metadata.namespace) {
    const message = `cannot use ${subject}: references to other namespaces are switched off, move the source to namespace ${metadata.namespace}`;
    return { kind: "denied", message };
  }
  const repository = repositories.get(namespace, name);
  if (!repository)
    return { kind: "missing", message: `${subject} does not exist: create it, or correct spec.sourceRef` };
  const { artifact } = (repository["status"] ?? {}) as { artifact?: unknown };
  if (artifact === undefined)
    return { kind: "noArtifact", message: `${subject} has no artifact yet: its own status says why` };
  return { kind: "found", artifact: Artifact.parse(artifact) };
}

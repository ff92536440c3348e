import { Artifact, type KubeObject, type Kustomization } from "@leat/api";

export type Source =
  | { kind: "found"; artifact: Artifact }
  | { kind: "missing"; message: string }
  | { kind: "noArtifact"; message: string }
  | { kind: "denied"; message: string };

export interface SourceLookup {
  /** The GitRepository as it is known now. */
  find: (namespace: string, name: string) => Promise<KubeObject | undefined>;
  noCrossNamespaceRefs: boolean;
}

/** The artifact of the source that a Kustomization names. */
export async function sourceOf(
  { metadata, spec }: Kustomization,
  { find, noCrossNamespaceRefs }: SourceLookup,
): Promise<Source> {
  const { kind, name, namespace = metadata.namespace } = spec.sourceRef;
  const subject = `${kind}/${namespace}/${name}`;
  if (noCrossNamespaceRefs && namespace !== metadata.namespace) {
    const message = `cannot use ${subject}: references to other namespaces are switched off, move the source to namespace ${metadata.namespace}`;
    return { kind: "denied", message };
  }
  const repository = await find(namespace, name);
  if (!repository)
    return { kind: "missing", message: `${subject} does not exist: create it, or correct spec.sourceRef` };
  const { artifact } = (repository["status"] ?? {}) as { artifact?: unknown };
  if (artifact === undefined)
    return { kind: "noArtifact", message: `${subject} has no artifact yet: its own status says why` };
  return { kind: "found", artifact: Artifact.parse(artifact) };
}

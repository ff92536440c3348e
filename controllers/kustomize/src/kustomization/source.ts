import { Artifact, type ArtifactSourceKind, type KubeObject, type Kustomization } from "@leat/api";

export type Source =
  | { kind: "found"; artifact: Artifact }
  | { kind: "missing"; message: string }
  | { kind: "noArtifact"; message: string }
  /** Whoever makes the source has written an artifact that is none. */
  | { kind: "unreadable"; message: string }
  | { kind: "denied"; message: string };

export interface SourceLookup {
  /** The source as it is known now. */
  find: (kind: ArtifactSourceKind, namespace: string, name: string) => Promise<KubeObject | undefined>;
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
  const found = await find(kind, namespace, name);
  if (!found) return { kind: "missing", message: `${subject} does not exist: create it, or correct spec.sourceRef` };
  const { artifact } = (found["status"] ?? {}) as { artifact?: unknown };
  if (artifact === undefined)
    return { kind: "noArtifact", message: `${subject} has no artifact yet: its own status says why` };
  const parsed = Artifact.safeParse(artifact);
  if (parsed.success) return { kind: "found", artifact: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  return { kind: "unreadable", message: `status.artifact of ${subject} cannot be read: ${problems}` };
}

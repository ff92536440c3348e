import { Artifact, artifactSources, type ArtifactSourceKind, type GroupKind, type KubeObject } from "@leat/api";
import { apiVersionOf, type Change, type Kube } from "@leat/kube";

export type Source =
  | { kind: "found"; artifact: Artifact }
  | { kind: "missing"; message: string }
  | { kind: "noArtifact"; message: string }
  /** `status.artifact` does not have the fields of an artifact. */
  | { kind: "invalid"; message: string }
  | { kind: "denied"; message: string };

export interface SourceLookup {
  /** The source as it is known now. */
  find: (kind: GroupKind, namespace: string, name: string) => Promise<KubeObject | undefined>;
  /** Whether the kind of a source that is not found is served. */
  kube: Pick<Kube, "resourceOf">;
  noCrossNamespaceRefs: boolean;
}

export interface SourceReference {
  /** Path of the reference in the referring object, such as `spec.sourceRef`. */
  field: string;
  kind: ArtifactSourceKind;
  name: string;
  /** Without it, that of the referring object. */
  namespace?: string | undefined;
}

/**
 * The artifact of the source that an object refers to.
 *
 * @param ownNamespace that of the referring object
 */
export async function artifactOf(
  reference: SourceReference,
  ownNamespace: string,
  { find, kube, noCrossNamespaceRefs }: SourceLookup,
): Promise<Source> {
  const { field, kind, name, namespace = ownNamespace } = reference;
  const subject = `${kind}/${namespace}/${name}`;
  if (noCrossNamespaceRefs && namespace !== ownNamespace) {
    const message = `cross-namespace references are not allowed: ${subject} is in another namespace; use a source in ${ownNamespace}`;
    return { kind: "denied", message };
  }
  const found = await find(artifactSources[kind], namespace, name);
  if (!found) {
    const apiVersion = apiVersionOf(artifactSources[kind]);
    const isServed = (await kube.resourceOf(apiVersion, kind)) !== undefined;
    const why = isServed
      ? ` does not exist: create it, or correct ${field}`
      : `: no matches for kind ${kind} in ${apiVersion}; is its CRD installed?`;
    return { kind: "missing", message: `${subject}${why}` };
  }
  const artifact: unknown = artifactIn(found);
  if (artifact === undefined)
    return { kind: "noArtifact", message: `source ${subject} has no artifact yet; see the status of ${subject}` };
  const parsed = Artifact.safeParse(artifact);
  if (parsed.success) return { kind: "found", artifact: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  return { kind: "invalid", message: `source ${subject} has an invalid status.artifact: ${problems}` };
}

/** Whether the artifact of a source is another one. One that was lost and built again differs in its time alone. */
export function artifactChanged({ before, after }: Change<KubeObject>): boolean {
  return (
    revisionOf(before) !== revisionOf(after) || artifactIn(before)?.lastUpdateTime !== artifactIn(after)?.lastUpdateTime
  );
}

/** The artifact that a source does not name any more, and the one that it names now. */
export function releasedArtifact({
  before,
  after,
}: Change<KubeObject>): { released: Artifact; successor: Artifact | undefined } | undefined {
  const [released, successor] = [artifactIn(before), artifactIn(after)];
  if (released === undefined) return undefined;
  return released.digest === successor?.digest && released.url === successor.url ? undefined : { released, successor };
}

/**
 * What a change of a source's artifact triggers. It is a new revision only of a source that was seen before: what is listed
 * for the first time is what runs read anyway.
 */
export function sourceTrigger({ before, after }: Change<KubeObject>): "revision" | "source" {
  return before && artifactIn(after) && revisionOf(before) !== revisionOf(after) ? "revision" : "source";
}

function revisionOf(source: KubeObject | undefined): string | undefined {
  const artifact = artifactIn(source);
  return artifact && `${artifact.revision} ${artifact.digest}`;
}

function artifactIn(source: KubeObject | undefined): Artifact | undefined {
  return (source?.["status"] as { artifact?: Artifact } | undefined)?.artifact;
}

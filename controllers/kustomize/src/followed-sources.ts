import { type Artifact, type ArtifactSourceKind, artifactSources, type KubeObject, Kustomization } from "@leat/api";
import type { Setup } from "@leat/controller";
import type { Change } from "@leat/kube";
import type { Config } from "./config.ts";
import type { References } from "./kustomization/references.ts";
import type { SourceLookup } from "./kustomization/source.ts";
import { type Find, watchedNamespace, watchLate } from "./watched.ts";

/**
 * Sources are watched where the Kustomizations are; those of other namespaces are read. All but GitRepositories are watched
 * from the first Kustomization on that refers to one.
 */
export function followSources(setup: Setup<Config>, references: References): SourceLookup["find"] {
  const { config, watch, kube } = setup;
  const namespace = watchedNamespace(config);
  const onChange = (change: Change<KubeObject>) => wakeReferrers(setup, references, change);
  const { GitRepository, OCIRepository, Bucket, ExternalArtifact } = artifactSources;
  const repositories = watch({ resource: GitRepository, namespace }, onChange);
  const find: Record<ArtifactSourceKind, Find> = {
    GitRepository: async (where, name) =>
      namespace === undefined || namespace === where
        ? repositories.get(where, name)
        : kube.get({ resource: GitRepository, namespace: where, name }),
    OCIRepository: watchLate(setup, OCIRepository, onChange),
    Bucket: watchLate(setup, Bucket, onChange),
    ExternalArtifact: watchLate(setup, ExternalArtifact, onChange),
  };
  return (kind, where, name) => find[kind](where, name);
}

/** A new artifact concerns everyone who uses the source. */
function wakeReferrers(
  { enqueue }: Setup<Config>,
  references: References,
  { before, after }: Change<KubeObject>,
): void {
  const object = after ?? before;
  if (!object || artifactOf(before) === artifactOf(after)) return;
  const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
  for (const referrer of references.to(object.kind, key)) enqueue(Kustomization, referrer, "source");
}

/** An artifact that was lost and made again differs in its time alone. */
function artifactOf(object: KubeObject | undefined): string | undefined {
  const { artifact } = (object?.["status"] ?? {}) as { artifact?: Artifact };
  return artifact && `${artifact.revision} ${artifact.digest} ${artifact.lastUpdateTime}`;
}

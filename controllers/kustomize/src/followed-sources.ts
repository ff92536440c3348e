import {
  type Artifact,
  type ArtifactSourceKind,
  artifactSources,
  type KubeObject,
  Kustomization,
  type Resource,
} from "@leat/api";
import type { LateStore, Setup } from "@leat/controller";
import type { Change } from "@leat/kube";
import type { Config } from "./config.ts";
import type { References } from "./kustomization/references.ts";
import type { SourceLookup } from "./kustomization/source.ts";

/**
 * Sources are watched where the Kustomizations are; those of other namespaces are read. All but GitRepositories are watched
 * from the first Kustomization on that refers to one.
 */
export function followSources(setup: Setup<Config>, references: References): SourceLookup["find"] {
  const { config, follow, followLate, kube } = setup;
  const namespace = config.watchAllNamespaces ? undefined : config.runtimeNamespace;
  const selectionOf = (resource: Resource) => ({ resource, namespace });
  const onChange = (change: Change<KubeObject>) => wakeReferrers(setup, references, change);
  const repositories = follow(selectionOf(artifactSources.GitRepository), onChange);
  const stores: Record<ArtifactSourceKind, LateStore> = {
    GitRepository: { find: async (where, name) => repositories.get(where, name) },
    OCIRepository: followLate(selectionOf(artifactSources.OCIRepository), onChange),
    Bucket: followLate(selectionOf(artifactSources.Bucket), onChange),
    ExternalArtifact: followLate(selectionOf(artifactSources.ExternalArtifact), onChange),
  };
  return async (kind, where, name) =>
    namespace === undefined || namespace === where
      ? stores[kind].find(where, name)
      : kube.get({ resource: artifactSources[kind], namespace: where, name });
}

/** A new artifact concerns everyone who uses the source. */
function wakeReferrers({ wake }: Setup<Config>, references: References, { before, after }: Change<KubeObject>): void {
  const object = after ?? before;
  if (!object || artifactOf(before) === artifactOf(after)) return;
  const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
  for (const referrer of references.to(object.kind, key)) wake(Kustomization, referrer, "source");
}

/** An artifact that was lost and made again differs in its time alone. */
function artifactOf(object: KubeObject | undefined): string | undefined {
  const { artifact } = (object?.["status"] ?? {}) as { artifact?: Artifact };
  return artifact && `${artifact.revision} ${artifact.digest} ${artifact.lastUpdateTime}`;
}

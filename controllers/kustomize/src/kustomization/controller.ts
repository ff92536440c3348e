import { artifactSources, core, HelmRelease, type KubeObject, Kustomization } from "@leat/api";
import type { ArtifactCache } from "@leat/artifact";
import { type AnyController, defineController, type ReferenceWatch, type WatchedReferences } from "@leat/controller";
import { artifactChanged, type Clusters, dependencyChanged, releasedArtifact, sourceTrigger } from "@leat/deploy";
import type { Change } from "@leat/kube";
import type { Config } from "../config.ts";
import type { World } from "./attempt.ts";
import { finalizeKustomization } from "./finalize.ts";
import { reconcileKustomization } from "./reconcile.ts";
import { sourceArtifact } from "./source.ts";
import { intervalOf, retryIntervalOf, runTimeoutOf } from "./timing.ts";

/** What Kustomizations refer to, and which changes of it trigger their reconciliation. */
export function watchesOf(
  { featureGates, watchConfigsLabelSelector: labelSelector }: Config,
  artifacts: Pick<ArtifactCache, "release">,
): ReferenceWatch[] {
  const { GitRepository, OCIRepository, Bucket, ExternalArtifact } = artifactSources;
  const onChange = (change: Change<KubeObject>) => {
    const outdated = releasedArtifact(change);
    // What cannot be removed now is removed when the controller ends, or starts again.
    if (outdated) artifacts.release(outdated.released, outdated.successor).catch(() => {});
  };
  const source = { role: "source", concerns: artifactChanged, trigger: sourceTrigger, onChange } as const;
  const sources: ReferenceWatch[] = [
    { ...source, resource: GitRepository },
    { ...source, resource: OCIRepository, isOptional: true },
    { ...source, resource: Bucket, isOptional: true },
    { ...source, resource: ExternalArtifact, isOptional: true },
  ];
  const dependencies: ReferenceWatch[] = [
    { role: "dependency", resource: Kustomization, concerns: dependencyChanged },
    { role: "dependency", resource: HelmRelease, concerns: dependencyChanged, isOptional: true },
  ];
  // Others are read when they are needed.
  const configs: ReferenceWatch[] = [
    { role: "config", resource: core.ConfigMap, labelSelector, metadataOnly: true },
    { role: "config", resource: core.Secret, labelSelector, metadataOnly: true },
  ];
  return [...sources, ...dependencies, ...(featureGates.DisableConfigWatchers ? [] : configs)];
}

export interface ControllerWorld extends World {
  clusters: Pick<Clusters, "open" | "forget">;
  references: Pick<WatchedReferences, "onChange">;
}

export function kustomizationController(world: ControllerWorld): AnyController {
  return defineController({
    kind: Kustomization,
    fieldManager: "gotk-kustomize-controller",
    // Every step may be repeated, so that a run of an older revision never holds up a newer one.
    overtakenBy: ["deletion", "spec", "request", "revision"],
    interval: intervalOf,
    retryInterval: retryIntervalOf,
    timeout: runTimeoutOf,
    revisionOf: async (object) => {
      const source = await sourceArtifact(object, world.sources);
      return source.kind === "found" ? source.artifact.revision : undefined;
    },
    reconcile: reconcileKustomization(world),
    finalize: finalizeKustomization(world),
    forget: ({ namespace, name }) => {
      world.clusters.forget({ namespace, name });
      world.healthWaits.forget(namespace, name);
      world.siblings.forget({ namespace, name });
    },
    onChange: world.references.onChange,
  });
}

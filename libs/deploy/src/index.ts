/**
 * What controllers that apply objects need around an apply.
 *
 * - `createClusters`, `readAccess`: the target cluster, from `spec.kubeConfig` or the cloud's API, with a limit on unreachable
 *   ones.
 * - `impersonated`: the cluster as a tenant's ServiceAccount.
 * - `artifactOf`: the artifact of a source, or the reason why it cannot be used. `releasedArtifact`: the one it no longer names.
 * - `unreadyDependency`, `compileReadiness`: `dependsOn` and `readyExpr`.
 */
export { type Clusters, type ClustersOptions, createClusters, type Opened } from "./clusters/clusters.ts";
export { readAccess } from "./clusters/read-access.ts";
export { compileReadiness, dependencyChanged, unreadyDependency } from "./dependencies.ts";
export type { DependencyLookup } from "./dependency-target.ts";
export { impersonated, type ImpersonationOptions, missingServiceAccount } from "./impersonation.ts";
export {
  artifactChanged,
  artifactOf,
  releasedArtifact,
  type Source,
  type SourceLookup,
  sourceTrigger,
} from "./source.ts";

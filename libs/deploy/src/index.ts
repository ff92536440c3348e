export { type Clusters, type ClustersOptions, createClusters, type Opened } from "./clusters/clusters.ts";
export { readAccess } from "./clusters/read-access.ts";
export { compileReadiness, dependencyChanged, type DependencyLookup, unreadyDependency } from "./dependencies.ts";
export { impersonated, type ImpersonationOptions, missingServiceAccount } from "./impersonation.ts";
export { artifactChanged, artifactOf, type SourceLookup } from "./source.ts";

/**
 * Cloud credentials for workloads: AWS, Azure and GCP, from the pod's environment or a ServiceAccount's token.
 *
 * - `createIdentities`: the identity of the controller, or of a ServiceAccount; it gets tokens of each cloud, and caches them.
 * - `managedCluster`: access to a cluster of EKS, AKS or GKE.
 * - `signed`: the headers of a request to AWS, with their signature.
 */
export type { AccountRef } from "./account-identity.ts";
export { type AwsCredentials, signed } from "./aws-signature.ts";
export { assumeRole } from "./aws-sts.ts";
export type { Cloud, Token } from "./cloud.ts";
export { createIdentities, type Identities, deniedIdentity } from "./identities.ts";
export type { AccountToken, Identity } from "./identity.ts";
export type { ManagedCluster } from "./managed-cluster.ts";
export { type CloudProvider, isCloudProvider, managedCluster } from "./cloud-provider.ts";
export { assertion, assertionType } from "./oauth.ts";
export type { CacheUse } from "./token-cache.ts";

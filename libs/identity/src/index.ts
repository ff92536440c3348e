export type { AccountRef } from "./account-identity.ts";
export { type AwsCredentials, signed } from "./aws-signature.ts";
export { assumeRole } from "./aws-sts.ts";
export type { Cloud, Environment, Token } from "./cloud.ts";
export { createIdentities, type Identities, nobody } from "./identities.ts";
export type { AccountToken, Identity } from "./identity.ts";
export { type CloudProvider, isCloudProvider, type ManagedCluster, managedCluster } from "./managed-cluster.ts";
export { assertion, assertionType } from "./oauth.ts";
export type { CacheUse } from "./token-cache.ts";

export { type BucketServerOptions, startBucketServer } from "./bucket/bucket-server.ts";
export type { BucketServer, TestBucket } from "./bucket/bucket.ts";
export type { BucketCredentials } from "./bucket/s3-request.ts";
export { startStsBucketServer, type StsBucketServer, type TokenIssuer } from "./bucket/sts-bucket-server.ts";
export {
  type Certificate,
  type CertificateAuthority,
  type CertificateRequest,
  createCertificateAuthority,
} from "./certificates.ts";
export { eksCaller } from "./clouds/aws.ts";
export { type Clouds, startClouds } from "./clouds/clouds.ts";
export { signerOf } from "./clouds/aws-signature.ts";
export { issuerKeysOf } from "./clouds/issuer-keys.ts";
export { claimsOf, proofBy } from "./clouds/proof.ts";
export { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./control-plane/control-plane.ts";
export { type EventLoopMonitor, longestTurnMs, monitorEventLoop, turnLimitMs } from "./event-loop.ts";
export { followEvents } from "./event-file.ts";
export {
  type EventReceiver,
  type PostedEvent,
  type PostedEvents,
  type ReceivedEvent,
  type ReceiverFaults,
  startEventReceiver,
} from "./event-receiver.ts";
export { eventually, type EventuallyOptions } from "./eventually.ts";
export { type FlakyNetwork, startFlakyNetwork } from "./flaky-network.ts";
export { type Gitea, startGitea } from "./gitea/gitea.ts";
export type { GiteaAnswer, GiteaApi, GiteaRequest } from "./gitea/gitea-api.ts";
export type { GiteaRepository, GiteaRepositoryOptions, GiteaUser } from "./gitea/gitea-user.ts";
export type { GitFaults } from "./git/git-faults.ts";
export type { FileContent } from "./git/git-fast-import.ts";
export { type GitRequest, type GitServer, type GitServerOptions, startGitServer } from "./git/git-server.ts";
export type { CommitOptions, GitRepositoryOptions, GitTestRepository, TagOptions } from "./git/git-test-repository.ts";
export { type Internet, type InternetAnswer, type InternetRequest, startInternet } from "./internet.ts";
export { outcomeAnnotation } from "./control-plane/kwok-config.ts";
export { freePort } from "./server/loopback.ts";
export { ownedEnvironment } from "./server/owner.ts";
export { openPrivateDirectory, type PrivateDirectory } from "./server/private-directory.ts";
export { type Proxy, type ProxyOptions, startProxy } from "./proxy.ts";
export { type Random, randomFrom } from "./random.ts";
export type { RegistryCredentials } from "./registry/credentials.ts";
export type { ImagePart, PushedImage } from "./registry/push.ts";
export { type Registry, type RegistryOptions, startReferrersRegistry, startRegistry } from "./registry/registry.ts";
export type { ServerCertificate } from "./server/server-certificate.ts";
export type { ServiceAccount } from "./control-plane/service-account.ts";
export { joinControlPlane, sharedControlPlane } from "./control-plane/shared-control-plane.ts";
export { createSshKey, type SshKey, type SshKeyOptions } from "./ssh/ssh-key.ts";
export { type SshServer, type SshServerOptions, startSshServer } from "./ssh/ssh-server.ts";
export { withoutSshd } from "./ssh/sshd.ts";
export { createTestNamespace, type TestNamespace } from "./control-plane/test-namespace.ts";
export {
  readyStatus,
  type ServedKind,
  type StoredFields,
  type StoredObject,
  storedObject,
} from "./control-plane/stored-object.ts";

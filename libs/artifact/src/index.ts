export {
  type ArtifactCache,
  type ArtifactCacheOptions,
  createArtifactCache,
  type Lease,
  type Opened,
} from "./cache.ts";
export { digestAlgorithms, type DigestAlgorithm } from "./digest.ts";
export type { Entry } from "./entry.ts";
export { type IgnoreFile, ignoreRules, type IgnoreRules } from "./ignore-rules.ts";
export type { ArtifactFile, ArtifactFiles } from "./open-files.ts";
export { type ArtifactServer, type ArtifactServerOptions, startArtifactServer } from "./server.ts";
export {
  type ArtifactOwner,
  type ArtifactStore,
  type ArtifactCondition,
  createStore,
  type Publication,
  type StoreOptions,
} from "./store.ts";
export type { UnpackLimits } from "./unpack.ts";

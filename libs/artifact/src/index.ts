/**
 * Artifacts: the files that a source controller publishes, and others fetch by URL and digest.
 *
 * - `createStore`: packs files or takes one raw blob, stores them by digest, and removes outdated ones.
 * - `startArtifactServer`: serves the storage over HTTP, with ranges and ETags.
 * - `createArtifactCache`: fetches artifacts, verifies their digests, and unpacks each once for all consumers.
 * - `ignoreRules`: `.sourceignore` and `spec.ignore`, in the syntax of `.gitignore`.
 */
export { type ArtifactCache, type ArtifactCacheOptions, createArtifactCache, type OpenedArchive } from "./cache.ts";
export { digestAlgorithms, type DigestAlgorithm } from "./digest.ts";
export type { Entry, FileEntry, Files } from "./entry.ts";
export { type IgnoreFile, ignoreRules, type IgnoreRules } from "./ignore-rules.ts";
export type { ArtifactFile, ArtifactFiles, Lease, Opened } from "./open-files.ts";
export type { ArtifactOwner } from "./owner-directory.ts";
export type { Content, Publication } from "./publication.ts";
export { type ArtifactServer, type ArtifactServerOptions, startArtifactServer } from "./server.ts";
export { type ArtifactStore, createStore, type StoreOptions } from "./store.ts";
export type { ArtifactCondition } from "./stored-files.ts";
export type { UnpackLimits } from "./unpack-budget.ts";

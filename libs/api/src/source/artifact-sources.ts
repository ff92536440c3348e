import type { Resource } from "../resource.ts";
import { GitRepository } from "./git-repository.ts";

/**
 * The kinds with a `status.artifact` that others use. Of those that have no file of their own here,
 * nothing else is read.
 */
export const artifactSources = {
  GitRepository,
  OCIRepository: source("OCIRepository", "ocirepositories"),
  Bucket: source("Bucket", "buckets"),
  ExternalArtifact: source("ExternalArtifact", "externalartifacts"),
} as const satisfies Readonly<Record<string, Resource>>;
export type ArtifactSourceKind = keyof typeof artifactSources;

function source(kind: string, plural: string): Resource {
  return { group: GitRepository.group, version: GitRepository.version, kind, plural, namespaced: true };
}

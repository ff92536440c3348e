import type { Artifact, GitRepository, GitRepositoryStatus } from "@leat/api";
import {
  type ConditionUpdate,
  type EventSpec,
  type Explanation,
  type Outcome,
  type OutcomeDetails,
  ready,
} from "@leat/controller";
import type { Storage } from "./storage.ts";

const failures = ["FetchFailed", "StorageOperationFailed", "ArtifactOutdated", "IncludeUnavailable", "SourceVerified"];

/** The artifact is still the right one. */
export function kept(object: GitRepository, artifact: Artifact): Outcome<GitRepositoryStatus> {
  const checksum = artifact.revision.slice(artifact.revision.indexOf("@") + 1);
  return stored(object, artifact, hasFailed(object) ? [event("Succeeded", artifact, checksum)] : []);
}

/** There is a new artifact. It is an event only where it differs from the one before, or where all went wrong before. */
export function published(object: GitRepository, artifact: Artifact, subject: string): Outcome<GitRepositoryStatus> {
  const isNew = object.status.artifact?.digest !== artifact.digest;
  if (isNew) return stored(object, artifact, [event("NewArtifact", artifact, shortened(subject))]);
  return stored(object, artifact, hasFailed(object) ? [event("Succeeded", artifact, shortened(subject))] : []);
}

/** What the status says beside Ready of a step that has failed. */
type FailureDetails = (failure: Explanation) => OutcomeDetails<GitRepositoryStatus>;

/** The repository could not be read; what is stored stays. */
export function fetchFailed(storage: Storage): FailureDetails {
  return (failure) =>
    withoutLost(storage, { FetchFailed: { status: "True", ...failure }, StorageOperationFailed: undefined });
}

/** @param outdatedBy the revision that could not be stored */
export function storageFailed(storage: Storage, outdatedBy?: string): FailureDetails {
  const isOutdated =
    outdatedBy !== undefined && !(storage.kind === "stored" && storage.artifact.revision === outdatedBy);
  const outdated: ConditionUpdate = {
    status: "True",
    reason: "NewRevision",
    message: `new upstream revision '${outdatedBy}'`,
  };
  return (failure) =>
    withoutLost(storage, {
      FetchFailed: undefined,
      StorageOperationFailed: { status: "True", ...failure },
      ...(isOutdated && { ArtifactOutdated: outdated }),
    });
}

function stored(object: GitRepository, artifact: Artifact, events: EventSpec[]): Outcome<GitRepositoryStatus> {
  const message = `stored artifact for revision '${artifact.revision}'`;
  return ready("Succeeded", message, {
    status: {
      artifact,
      observedIgnore: object.spec.ignore,
      includedArtifacts: undefined,
      observedInclude: undefined,
      observedRecurseSubmodules: undefined,
      observedSparseCheckout: undefined,
      sourceVerificationMode: undefined,
    },
    conditions: {
      ArtifactInStorage: { status: "True", reason: "Succeeded", message },
      ...Object.fromEntries(failures.map((type) => [type, undefined])),
    },
    events,
  });
}

function withoutLost(
  storage: Storage,
  conditions: Record<string, ConditionUpdate | undefined>,
): OutcomeDetails<GitRepositoryStatus> {
  if (storage.kind !== "lost") return { conditions };
  return { status: { artifact: undefined }, conditions: { ...conditions, ArtifactInStorage: undefined } };
}

function hasFailed({ status }: GitRepository): boolean {
  return (status.conditions ?? []).some(({ type, status: value }) => failures.includes(type) && value === "True");
}

function event(reason: string, { revision, digest }: Artifact, commit: string): EventSpec {
  return { type: "Normal", reason, message: `stored artifact for commit '${commit}'`, metadata: { digest, revision } };
}

const longestSubject = 50;

function shortened(subject: string): string {
  const letters = Array.from(subject);
  return letters.length > longestSubject ? `${letters.slice(0, longestSubject).join("")}...` : subject;
}

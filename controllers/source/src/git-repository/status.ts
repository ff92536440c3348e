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
  return stored(object, artifact, artifact.revision.slice(artifact.revision.indexOf("@") + 1));
}

/** The artifact was made anew; it may have the content of the one before. */
export function published(object: GitRepository, artifact: Artifact, subject: string): Outcome<GitRepositoryStatus> {
  return stored(object, artifact, shortened(subject));
}

/** What the status says beside Ready of a step that has failed. */
type DetailsOf = (failure: Explanation) => OutcomeDetails<GitRepositoryStatus>;

/** The repository could not be read; what is stored stays. */
export function fetchFailed(storage: Storage): DetailsOf {
  return (failure) =>
    withoutLost(storage, { FetchFailed: { status: "True", ...failure }, StorageOperationFailed: undefined });
}

/** @param outdatedBy the revision that could not be stored */
export function storageFailed(storage: Storage, outdatedBy?: string): DetailsOf {
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

/** @param commit what the event calls it */
function stored(object: GitRepository, artifact: Artifact, commit: string): Outcome<GitRepositoryStatus> {
  const message = `stored artifact for revision '${artifact.revision}'`;
  const changed = object.status.artifact?.digest !== artifact.digest;
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
    changed,
    ifNews: { events: [event(changed ? "NewArtifact" : "Succeeded", artifact, commit)] },
  });
}

function withoutLost(
  storage: Storage,
  conditions: Record<string, ConditionUpdate | undefined>,
): OutcomeDetails<GitRepositoryStatus> {
  if (storage.kind !== "lost") return { conditions };
  return { status: { artifact: undefined }, conditions: { ...conditions, ArtifactInStorage: undefined } };
}

function event(reason: string, { revision, digest }: Artifact, commit: string): EventSpec {
  return { type: "Normal", reason, message: `stored artifact for commit '${commit}'`, metadata: { digest, revision } };
}

const longestSubject = 50;

function shortened(subject: string): string {
  const letters = Array.from(subject);
  return letters.length > longestSubject ? `${letters.slice(0, longestSubject).join("")}...` : subject;
}

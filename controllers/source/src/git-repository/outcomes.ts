import type { Artifact, GitRepository, GitRepositoryStatus } from "@leat/api";
import type { Outcome } from "@leat/controller";
import { type NewRevision, stored } from "../artifact/outcomes.ts";

/** The artifact is still the right one. */
export function kept(object: GitRepository, artifact: Artifact): Outcome<GitRepositoryStatus> {
  return outcomeOf(object, artifact, artifact.revision.slice(artifact.revision.indexOf("@") + 1));
}

/** The artifact was built again; it may have the content of the one before. */
export function published(object: GitRepository, artifact: Artifact, subject: string): Outcome<GitRepositoryStatus> {
  return outcomeOf(object, artifact, shortened(subject));
}

/** A commit that is not stored yet. */
export function newRevision(revision: string): NewRevision {
  return { revision, reason: "NewRevision", message: `new upstream revision '${revision}'` };
}

/** @param commit what the event calls it */
function outcomeOf(object: GitRepository, artifact: Artifact, commit: string): Outcome<GitRepositoryStatus> {
  return stored<GitRepositoryStatus>(object, {
    artifact,
    message: `stored artifact for revision '${artifact.revision}'`,
    eventMessage: `stored artifact for commit '${commit}'`,
    status: {
      observedIgnore: object.spec.ignore,
      includedArtifacts: undefined,
      observedInclude: undefined,
      observedRecurseSubmodules: undefined,
      observedSparseCheckout: undefined,
      sourceVerificationMode: undefined,
    },
    conditions: { IncludeUnavailable: undefined, SourceVerified: undefined },
  });
}

const longestSubject = 50;

function shortened(subject: string): string {
  const letters = Array.from(subject);
  return letters.length > longestSubject ? `${letters.slice(0, longestSubject).join("")}...` : subject;
}

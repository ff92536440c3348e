/**
 * How the run of a source ends, for all kinds: the artifact is stored, the upstream could not be read, or the storage could
 * not be written.
 */
import type { Artifact, ReasonName } from "@leat/api";
import {
  type ConditionUpdate,
  type ConditionUpdates,
  type Explanation,
  failed,
  type Outcome,
  type OutcomeDetails,
  ready,
  type StatusUpdate,
} from "@leat/controller";
import type { Storage } from "./reconcile-storage.ts";
import type { SourceObject } from "./source-object.ts";

/** The part of a status that all sources have. */
interface SourceStatus {
  artifact?: Artifact | undefined;
}

/** An artifact that is in the storage. */
export interface StoredArtifact<Status extends SourceStatus> {
  artifact: Artifact;
  /** Of Ready, ArtifactInStorage and the event; by default `Succeeded`, and `NewArtifact` for the event of new content. */
  reason?: ReasonName;
  /** Of Ready and ArtifactInStorage. */
  message: string;
  /** Of the event, if the artifact is news. */
  eventMessage: string;
  /** What the artifact was made from, beside the artifact itself. */
  status: StatusUpdate<Status>;
  /** The kind's own conditions. The failures that all kinds have are removed. */
  conditions: ConditionUpdates;
}

/** Ready, with the artifact. It may be the one of before, or have its content. */
export function stored<Status extends SourceStatus>(
  { status: before }: SourceObject,
  { artifact, reason = "Succeeded", message, eventMessage, status, conditions }: StoredArtifact<Status>,
): Outcome<Status> {
  const { digest, revision } = artifact;
  const changed = before.artifact?.digest !== digest;
  const eventReason = changed && reason === "Succeeded" ? "NewArtifact" : reason;
  return ready<Status>(reason, message, {
    status: { ...status, artifact },
    conditions: {
      FetchFailed: undefined,
      StorageOperationFailed: undefined,
      ArtifactOutdated: undefined,
      ArtifactInStorage: { status: "True", reason, message },
      ...conditions,
    },
    changed,
    ifNews: {
      events: [{ type: "Normal", reason: eventReason, message: eventMessage, metadata: { digest, revision } }],
    },
  });
}

/** What the status says, beside Ready, of a step that has failed. */
export type DetailsOf<Status> = (failure: Explanation) => OutcomeDetails<Status>;

/**
 * A step has failed. What is stored stays; the failures of other steps that all kinds have are removed.
 *
 * @param conditionsOf the conditions that report it: `(failure) => ({ BuildFailed: { status: "True", ...failure } })`
 */
export function stepFailed<Status extends SourceStatus>(
  storage: Storage,
  conditionsOf: (failure: Explanation) => ConditionUpdates,
): DetailsOf<Status> {
  return (failure) =>
    withoutLost(storage, { FetchFailed: undefined, StorageOperationFailed: undefined, ...conditionsOf(failure) });
}

/** The upstream could not be read. */
export function fetchFailed<Status extends SourceStatus>(storage: Storage): DetailsOf<Status> {
  return stepFailed(storage, (failure) => ({ FetchFailed: { status: "True", ...failure } }));
}

/** {@link fetchFailed} as the outcome of a run. */
export function fetchFailure<Status extends SourceStatus>(
  storage: Storage,
  { reason, message }: Explanation,
): Outcome<Status> {
  return failed(reason, message, fetchFailed<Status>(storage)({ reason, message }));
}

/** A revision of the upstream, and what ArtifactOutdated says as long as it is not stored. */
export interface NewRevision extends Explanation {
  revision: string;
}

/** The storage could not be read, or the new revision could not be written. */
export function storageFailed<Status extends SourceStatus>(storage: Storage, wanted?: NewRevision): DetailsOf<Status> {
  return stepFailed(storage, (failure) => ({
    StorageOperationFailed: { status: "True", ...failure },
    ...(wanted && !isStored(wanted, storage) && { ArtifactOutdated: outdatedBy(wanted) }),
  }));
}

function isStored({ revision }: NewRevision, storage: Storage): boolean {
  return storage.kind === "stored" && storage.artifact.revision === revision;
}

function outdatedBy({ reason, message }: NewRevision): ConditionUpdate {
  return { status: "True", reason, message };
}

function withoutLost<Status extends SourceStatus>(
  storage: Storage,
  conditions: ConditionUpdates,
): OutcomeDetails<Status> {
  if (storage.kind !== "lost") return { conditions };
  const status: StatusUpdate<SourceStatus> = { artifact: undefined };
  return { status: status as StatusUpdate<Status>, conditions: { ...conditions, ArtifactInStorage: undefined } };
}

/**
 * How the run of a source ends, for all kinds: the artifact is stored, the upstream could not be read, or the storage could
 * not be written.
 */
import type { Artifact, ConditionTypeName } from "@leat/api";
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
  /** Of Ready and ArtifactInStorage. */
  message: string;
  /** Of the event, if the artifact is news. */
  eventMessage: string;
  /** What the artifact was made from, beside the artifact itself. */
  status: StatusUpdate<Status>;
  /** The kind's own failure conditions, beside those of all kinds. A success removes both. */
  failures: readonly ConditionTypeName[];
}

const commonFailures = ["FetchFailed", "StorageOperationFailed", "ArtifactOutdated"] as const;

/** Ready, with the artifact. It may be the one of before, or have its content. */
export function stored<Status extends SourceStatus>(
  { status: before }: SourceObject,
  { artifact, message, eventMessage, status, failures }: StoredArtifact<Status>,
): Outcome<Status> {
  const { digest, revision } = artifact;
  const changed = before.artifact?.digest !== digest;
  const reason = changed ? "NewArtifact" : "Succeeded";
  return ready<Status>("Succeeded", message, {
    status: { ...status, artifact },
    conditions: {
      ArtifactInStorage: { status: "True", reason: "Succeeded", message },
      ...Object.fromEntries([...commonFailures, ...failures].map((type) => [type, undefined])),
    },
    changed,
    ifNews: { events: [{ type: "Normal", reason, message: eventMessage, metadata: { digest, revision } }] },
  });
}

/** What the status says, beside Ready, of a step that has failed. */
type DetailsOf<Status> = (failure: Explanation) => OutcomeDetails<Status>;

/** The upstream could not be read; what is stored stays. */
export function fetchFailed<Status extends SourceStatus>(storage: Storage): DetailsOf<Status> {
  return (failure) =>
    withoutLost(storage, { FetchFailed: { status: "True", ...failure }, StorageOperationFailed: undefined });
}

/** {@link fetchFailed} as the outcome of a run. */
export function fetchFailure<Status extends SourceStatus>(
  storage: Storage,
  { reason, message }: Explanation,
): Outcome<Status> {
  return failed(reason, message, fetchFailed<Status>(storage)({ reason, message }));
}

/** @param outdatedBy the revision that could not be stored */
export function storageFailed<Status extends SourceStatus>(storage: Storage, outdatedBy?: string): DetailsOf<Status> {
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

function withoutLost<Status extends SourceStatus>(
  storage: Storage,
  conditions: ConditionUpdates,
): OutcomeDetails<Status> {
  if (storage.kind !== "lost") return { conditions };
  const status: StatusUpdate<SourceStatus> = { artifact: undefined };
  return { status: status as StatusUpdate<Status>, conditions: { ...conditions, ArtifactInStorage: undefined } };
}

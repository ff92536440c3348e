import { type Artifact, type KustomizationStatus, originRevisionKey } from "@leat/api";

/** What events and the history say of a revision: its own name, and what the source says its artifact was made from. */
export type Revisions = { revision: string; originRevision?: string };

export function revisionsOf({ revision, metadata }: Pick<Artifact, "revision" | "metadata">): Revisions {
  return withOrigin(revision, metadata?.[originRevisionKey]);
}

/** Of what was applied last; `undefined` where nothing was. */
export function appliedRevisions(status: KustomizationStatus): Revisions | undefined {
  const { lastAppliedRevision: revision, lastAppliedOriginRevision } = status;
  return revision === undefined ? undefined : withOrigin(revision, lastAppliedOriginRevision);
}

function withOrigin(revision: string, originRevision: string | undefined): Revisions {
  return originRevision === undefined ? { revision } : { revision, originRevision };
}

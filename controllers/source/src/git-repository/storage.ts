import type { Artifact, GitRepository, GitRepositoryStatus } from "@leat/api";
import type { ArtifactOwner, ArtifactStore } from "@leat/artifact";
import type { Run } from "@leat/controller";

/** What the storage holds of an object. */
export type Storage =
  /** Nothing was ever stored. */
  | { kind: "none" }
  /** What the status tells of is gone, or was damaged and is gone now. */
  | { kind: "lost" }
  /** The artifact, with the URL under which it is reached now. */
  | { kind: "stored"; artifact: Artifact };

/** Clears away outdated artifacts and looks whether the current one is still what it was. */
export async function inspectStorage(
  object: GitRepository,
  artifacts: ArtifactStore,
  run: Run<GitRepositoryStatus>,
): Promise<Storage> {
  const { artifact } = object.status;
  const owner = ownerOf(object);
  const removed = await artifacts.collectGarbage(owner, artifact);
  if (removed > 0) {
    run.emit({
      type: "Trace",
      reason: "GarbageCollectionSucceeded",
      message: `garbage collected ${removed} artifacts`,
    });
  }
  if (artifact === undefined) return { kind: "none" };
  const condition = await artifacts.inspect(owner, artifact, run.signal);
  if (condition === "intact") return { kind: "stored", artifact: { ...artifact, url: artifacts.urlOf(artifact) } };
  if (condition === "damaged") {
    const message = `stored artifact for revision '${artifact.revision}' failed its digest check; rebuilding`;
    run.emit({ type: "Warning", reason: "ArtifactVerificationFailed", message });
  }
  return { kind: "lost" };
}

export function ownerOf({ kind, metadata }: GitRepository): ArtifactOwner {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}

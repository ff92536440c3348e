import type { Artifact } from "@leat/api";
import type { ArtifactStore } from "@leat/artifact";
import type { Run } from "@leat/controller";
import { artifactOwnerOf, type SourceObject } from "./source-object.ts";

/** What the storage holds of an object. */
export type Storage =
  /** Nothing was ever stored. */
  | { kind: "none" }
  /** The artifact in the status is gone, or was damaged and is removed. */
  | { kind: "lost" }
  /** The artifact, with the URL under which it is reached now. */
  | { kind: "stored"; artifact: Artifact };

/** Removes outdated artifacts and verifies that the current one is intact. */
export async function reconcileStorage(
  object: SourceObject,
  artifacts: Pick<ArtifactStore, "collectGarbage" | "inspect" | "urlOf">,
  run: Pick<Run, "emit" | "signal">,
): Promise<Storage> {
  const { artifact } = object.status;
  const owner = artifactOwnerOf(object);
  const removed = await artifacts.collectGarbage(owner, artifact);
  if (removed > 0) {
    const message = `garbage collected ${removed} artifacts`;
    run.emit({ type: "Trace", reason: "GarbageCollectionSucceeded", message });
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

/** What a run does next, as the message of `Reconciling`. */
export function stageOf({ kind }: Storage): string {
  if (kind === "stored") return "checking for a new revision";
  return kind === "lost" ? "building artifact: disappeared from storage" : "building artifact";
}

import type { ArtifactStore } from "@leat/artifact";
import type { Finalized } from "@leat/controller";
import { artifactOwnerOf, type SourceObject } from "./source-object.ts";

/** Removes all artifacts of a deleted object. */
export async function removeArtifacts(
  object: SourceObject,
  artifacts: Pick<ArtifactStore, "remove">,
): Promise<Finalized> {
  if (!(await artifacts.remove(artifactOwnerOf(object)))) return { kind: "done" };
  const message = "garbage collected artifacts for deleted resource";
  return { kind: "done", events: [{ type: "Trace", reason: "GarbageCollectionSucceeded", message }] };
}

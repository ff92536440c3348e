import type { Artifact } from "@leat/api";
import type { ArtifactOwner } from "@leat/artifact";

/** An object of any kind whose controller publishes an artifact. */
export interface SourceObject {
  kind: string;
  metadata: { namespace: string; name: string };
  status: { artifact?: Artifact | undefined };
}

/** Whose artifacts the object's are in the storage. */
export function artifactOwnerOf({ kind, metadata: { namespace, name } }: SourceObject): ArtifactOwner {
  return { kind, namespace, name };
}

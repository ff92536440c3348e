import type { Files } from "./entry.ts";

/** An artifact to be stored. */
export interface Publication {
  revision: string;
  /** Its extension decides the content type that it is served with. */
  fileName: string;
  /** Name of the link to the newest file of the owner, such as `latest.tar.gz`. */
  latestName: string;
  content: Content;
}

export type Content =
  /** Archived as tar.gz. What the former archive of the owner has of them is copied from it. */
  | ({ kind: "files" } & Files)
  /** Stored unchanged. */
  | { kind: "raw"; bytes: AsyncIterable<Uint8Array> };

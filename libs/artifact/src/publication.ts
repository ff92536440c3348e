import type { Entry } from "./entry.ts";

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
  /** Archived as tar.gz in this order: sorted entries give the same bytes for the same files. */
  | { kind: "files"; entries: AsyncIterable<Entry> }
  /** Stored unchanged. */
  | { kind: "raw"; bytes: AsyncIterable<Uint8Array> };

/** What goes into an archive. Paths are relative, with `/` between their parts and none at the end. */
export type Entry = { kind: "directory"; path: string } | FileEntry;

export interface FileEntry {
  kind: "file";
  path: string;
  isExecutable: boolean;
  /** Bytes; the content has exactly as many. */
  size: number;
  /** Files with the same id have the same content. */
  id: string;
}

/** Sorted entries give the same archive for the same files. */
export interface Files {
  entries: readonly Entry[];
  /** The contents of some of the files, in the given order; each is to be read to its end before the next. */
  read: (files: readonly FileEntry[], signal: AbortSignal) => AsyncIterable<AsyncIterable<Uint8Array>>;
}

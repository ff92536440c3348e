/** What goes into an archive. Paths are relative, with `/` between their parts and none at the end. */
export type Entry =
  | { kind: "directory"; path: string }
  | {
      kind: "file";
      path: string;
      isExecutable: boolean;
      /** Bytes; the content has exactly as many. */
      size: number;
      content: AsyncIterable<Uint8Array>;
    };

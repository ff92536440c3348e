import { open } from "node:fs/promises";
import type { Unpacked } from "./unpack.ts";

/** A file of an artifact. */
export interface ArtifactFile {
  /** In bytes. */
  size: number;
  /** SHA-256 of the content, hexadecimal. */
  digest: string;
}

/** What an artifact holds. Paths are relative to its root, with `/`, without `.` and `..`. */
export interface ArtifactFiles {
  readonly files: ReadonlyMap<string, ArtifactFile>;
  /** Directories, those that hold nothing among them; the root is not one. */
  readonly directories: ReadonlySet<string>;
  /** The content of one of the files. */
  read: (path: string) => Promise<Buffer>;
}

/** The files of what was unpacked into one file, until it is closed. */
export async function openFiles(path: string, unpacked: Unpacked): Promise<ArtifactFiles & AsyncDisposable> {
  const handle = await open(path, "r");
  const { files, directories } = unpacked;
  return {
    files,
    directories,
    read: async (name) => {
      const file = files.get(name);
      if (!file) throw new Error(`the artifact has no file ${name}`);
      const content = Buffer.allocUnsafe(file.size);
      const { bytesRead } = await handle.read(content, 0, file.size, file.offset);
      if (bytesRead !== file.size) throw new Error(`${path} was cut short`);
      return content;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

import { unpack, type UnpackOptions } from "./unpack.ts";

/** A file of an artifact. */
export interface ArtifactFile {
  /** In bytes. */
  size: number;
  /** SHA-256 of the content, hexadecimal. */
  digest: string;
}

/** The contents of an artifact. Paths are relative to its root, with `/`, without `.` and `..`. */
export interface ArtifactFiles {
  readonly files: ReadonlyMap<string, ArtifactFile>;
  /** All directories, empty ones included, except the root. */
  readonly directories: ReadonlySet<string>;
  /** The content of one of the files. */
  read: (path: string) => Promise<Buffer>;
}

/** An unpacked artifact, until it is disposed of. */
export interface Lease extends AsyncDisposable {
  /** The same for all that hold the artifact. */
  contents: ArtifactFiles;
}

export type Opened =
  | ({ kind: "opened" } & Lease)
  /** The source has been restarted, or is about to store it again. */
  | { kind: "missing" };

/**
 * Unpacks an archive, so that its files can be read in any order.
 *
 * @throws Fault `ArtifactFailed` if the archive is damaged, leads out of its root or exceeds a limit, or if there is no space for it
 */
export async function openFiles(
  archive: string,
  options: UnpackOptions,
  signal: AbortSignal,
): Promise<ArtifactFiles & AsyncDisposable> {
  const unpacked = await unpack(archive, options, signal);
  return {
    ...unpacked,
    read: async (name) => {
      const file = unpacked.files.get(name);
      if (!file) throw new Error(`the artifact has no file ${name}`);
      const content = Buffer.allocUnsafe(file.size);
      const { bytesRead } = await file.contents.read(content, 0, file.size, file.offset);
      if (bytesRead !== file.size) throw new Error(`${name} is truncated`);
      return content;
    },
  };
}

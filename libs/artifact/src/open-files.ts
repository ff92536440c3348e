import { open, rm } from "node:fs/promises";
import type { Space } from "./space.ts";
import { unpack, type UnpackLimits } from "./unpack.ts";

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

export interface OpenFilesOptions {
  /** A new file that holds the unpacked contents until they are disposed of. */
  target: string;
  limits: UnpackLimits;
  /** What the contents take until they are disposed of. */
  space: Space;
}

/**
 * Unpacks an archive, so that its files can be read in any order.
 *
 * @throws Fault `ArtifactFailed` if the archive is damaged, leads out of its root or exceeds a limit, or if there is no space for it
 */
export async function openFiles(
  archive: string,
  { target, limits, space }: OpenFilesOptions,
  signal: AbortSignal,
): Promise<ArtifactFiles & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const reservation = stack.use(space.reserve());
  stack.defer(() => rm(target, { force: true }));
  const { files, directories } = await unpack(archive, target, { ...limits, growTo: reservation.growTo }, signal);
  const handle = stack.use(await open(target, "r"));
  const opened = stack.move();
  return {
    files,
    directories,
    read: async (name) => {
      const file = files.get(name);
      if (!file) throw new Error(`the artifact has no file ${name}`);
      const content = Buffer.allocUnsafe(file.size);
      const { bytesRead } = await handle.read(content, 0, file.size, file.offset);
      if (bytesRead !== file.size) throw new Error(`${target} is truncated`);
      return content;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

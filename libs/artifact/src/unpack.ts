import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { Fault } from "@leat/api";
import type { Reservation } from "./space.ts";
import { UnpackBudget } from "./unpack-budget.ts";

export interface UnpackLimits {
  /** Of all files together, unpacked. */
  maxBytes: number;
  /** Files and directories, each counted once for every 256 characters of its path. */
  maxEntries: number;
  /** Directories above one another. */
  maxDepth: number;
}

export const defaultUnpackLimits = {
  maxBytes: 2 * 1024 ** 3,
  maxEntries: 500_000,
  maxDepth: 100,
} satisfies UnpackLimits;

export interface UnpackOptions extends UnpackLimits {
  /** Takes space before bytes are written, and for entries that were read. */
  growTo: Reservation["growTo"];
}

/** Position of a file in the unpacked contents. */
export interface UnpackedFile {
  /** In bytes. */
  offset: number;
  /** In bytes. */
  size: number;
  /** SHA-256 of the content, hexadecimal. */
  digest: string;
}

/** Paths are relative, with `/`, without `.` and `..`. */
export interface Unpacked {
  /** Regular files, in the order of the archive. */
  files: Map<string, UnpackedFile>;
  /** Directories, those that hold nothing among them; the root is not one. */
  directories: Set<string>;
}

/**
 * Unpacks a tar.gz into one new file that has the contents of all its files back to back: making a file for each costs more
 * than all else that is done with an artifact. Links and devices are left out.
 *
 * @throws Fault `ArtifactFailed` where the archive is damaged, leads out of its root or goes beyond a limit, or if there is
 *   no space for it
 */
export async function unpack(
  archive: string,
  target: string,
  { growTo, ...limits }: UnpackOptions,
  signal: AbortSignal,
): Promise<Unpacked> {
  try {
    await using file = await open(target, "wx", 0o600);
    const writer = createWriter(file, growTo);
    const budget = new UnpackBudget(limits);
    const entries = extract();
    const compressed = createReadStream(archive, { highWaterMark: 256 * 1024 });
    const reading = pipeline(compressed, createGunzip(), budget.pass, entries, { signal });
    // A failure shows in the loop; here it only must not be unhandled.
    reading.catch(() => {});
    const unpacked: Unpacked = { files: new Map(), directories: new Set() };
    for await (const entry of entries) {
      const path = budget.admit(entry.header);
      if (isFile(entry.header)) addFile(unpacked, path, await writer.add(entry as AsyncIterable<Buffer>), budget);
      else entry.resume();
      if (entry.header.type === "directory") addDirectory(unpacked, path, budget);
      if (budget.headers % entriesAtOnce === 0) await growTo({ entries: budget.entries });
    }
    await growTo({ entries: budget.entries });
    await reading;
    await writer.end();
    return unpacked;
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Fault) throw cause;
    throw new Fault("ArtifactFailed", `the artifact is not a valid archive: ${(cause as Error).message}`, {
      cause,
    });
  }
}
function isFile({ type }: Header): boolean {
  return type === "file" || type === "contiguous-file";
}

function addFile(unpacked: Unpacked, path: string, file: UnpackedFile, budget: UnpackBudget): void {
  addDirectory(unpacked, parentOf(path), budget);
  if (unpacked.files.has(path) || unpacked.directories.has(path)) throw twice(path);
  budget.count(path);
  unpacked.files.set(path, file);
}

function addDirectory({ files, directories }: Unpacked, path: string, budget: UnpackBudget): void {
  for (let each = path; each !== "" && !directories.has(each); each = parentOf(each)) {
    if (files.has(each)) throw twice(each);
    budget.count(each);
    directories.add(each);
  }
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}

function twice(path: string): Fault {
  return new Fault("ArtifactFailed", `the artifact has a duplicate entry ${JSON.stringify(path.slice(0, 200))}`);
}

/** So many entries are read before space is taken for them. */
const entriesAtOnce = 1000;

/** So much is collected before it is written. */
const writeBytes = 1024 * 1024;

interface Writer {
  add: (content: AsyncIterable<Buffer>) => Promise<UnpackedFile>;
  end: () => Promise<void>;
}

function createWriter(file: FileHandle, growTo: UnpackOptions["growTo"]): Writer {
  let collected: Buffer[] = [];
  let collectedBytes = 0;
  let offset = 0;
  const flush = async (): Promise<void> => {
    await growTo({ bytes: offset });
    if (collected.length > 0) await file.appendFile(Buffer.concat(collected));
    collected = [];
    collectedBytes = 0;
  };
  const add: Writer["add"] = async (content) => {
    const digest = createDigest();
    const start = offset;
    for await (const chunk of content) {
      digest.update(chunk);
      collected.push(chunk);
      collectedBytes += chunk.length;
      offset += chunk.length;
      if (collectedBytes >= writeBytes) await flush();
    }
    return { offset: start, size: offset - start, digest: digest.hex() };
  };
  return { add, end: flush };
}

/** Most files are one chunk, whose digest is had at once. */
function createDigest(): { update: (chunk: Buffer) => void; hex: () => string } {
  let only: Buffer | undefined;
  let long: ReturnType<typeof createHash> | undefined;
  return {
    update: (chunk) => {
      if (long) long.update(chunk);
      else if (only === undefined) only = chunk;
      else long = createHash("sha256").update(only).update(chunk);
    },
    hex: () => long?.digest("hex") ?? hash("sha256", only ?? Buffer.alloc(0)),
  };
}

import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import type { Reservation } from "./space.ts";
import type { UnpackBudget } from "./unpack-budget.ts";
import type { UnpackedTree } from "./unpacked-tree.ts";
import type { PartRange } from "./write-archive.ts";

/** Paths are relative, with `/`, without `.` and `..`. */
export type UnpackedEntry = { kind: "directory"; path: string } | UnpackedFile;

export interface UnpackedFile {
  kind: "file";
  path: string;
  /** In bytes. */
  size: number;
  /** SHA-256 of the content, hexadecimal. */
  digest: string;
  /** Has the contents of all files of the part, back to back: a file for each would cost more than all else. */
  contents: FileHandle;
  /** Of the content in `contents`, in bytes. */
  offset: number;
}

/** Some consecutive entries of an archive, whose contents are on disk until it is disposed of. */
export interface UnpackedPart extends AsyncDisposable {
  entries: readonly UnpackedEntry[];
  /** Of the archive, those that are left out included. */
  headers: number;
  /** Of all entries together. */
  bytes: number;
}

export interface UnpackPartOptions {
  /** A new file for the contents. */
  target: string;
  /** What the part takes until it is disposed of. */
  reservation: Reservation;
  budget: UnpackBudget;
  /** Receives each entry when it was read. */
  tree: UnpackedTree;
}

type Entry = AsyncIterable<Buffer> & { header: Header; resume: () => unknown };

/** What a part has of the memory for an entry. */
export const shareOfPart = 3 / 4;

/** So many entries are read before space is taken for them. */
const entriesAtOnce = 1000;

/**
 * Unpacks a range of a tar.gz that consists of whole entries. Links and devices are left out.
 *
 * @throws Fault `ArtifactFailed` if it leads out of its root or exceeds a limit, or if there is no space for it
 * @throws Error if it is not an archive
 */
export async function unpackPart(
  { path: archive, range }: { path: string; range: PartRange },
  { target, reservation, budget, tree }: UnpackPartOptions,
  signal: AbortSignal,
): Promise<UnpackedPart> {
  await using stack = new AsyncDisposableStack();
  stack.use(reservation);
  stack.defer(() => rm(target, { force: true }));
  const contents = stack.use(await open(target, "wx+", 0o600));
  const writer = createWriter(contents, reservation);
  const before = { ...budget.used };
  const entries: UnpackedEntry[] = [];
  const takeEntries = () =>
    reservation.growTo({ entries: Math.ceil((budget.used.entries - before.entries) * shareOfPart) });
  for await (const entry of entriesIn(archive, range, budget, signal)) {
    const unpacked = await unpackEntry(entry, budget.admit(entry.header), { contents, writer });
    if (unpacked) tree.add(unpacked);
    if (unpacked) entries.push(unpacked);
    if (entries.length % entriesAtOnce === 0) await takeEntries();
  }
  await takeEntries();
  await writer.end();
  const unpacked = stack.move();
  return {
    entries,
    headers: budget.used.headers - before.headers,
    bytes: budget.used.bytes - before.bytes,
    [Symbol.asyncDispose]: () => unpacked.disposeAsync(),
  };
}

async function* entriesIn(
  archive: string,
  { offset, length }: PartRange,
  budget: UnpackBudget,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  const range = { start: offset, end: Math.max(offset, offset + length - 1), highWaterMark: 256 * 1024 };
  const tar = extract();
  const reading = pipeline(createReadStream(archive, range), createGunzip(), budget.pass, tar, { signal });
  // A failure shows in the loop; here it only must not be unhandled.
  reading.catch(() => {});
  yield* tar as AsyncIterable<Entry>;
  await reading;
}

async function unpackEntry(
  entry: Entry,
  path: string,
  { contents, writer }: { contents: FileHandle; writer: Writer },
): Promise<UnpackedEntry | undefined> {
  const { type } = entry.header;
  if (type === "file" || type === "contiguous-file")
    return { kind: "file", path, contents, ...(await writer.add(entry)) };
  entry.resume();
  return type === "directory" ? { kind: "directory", path } : undefined;
}

/** So much is collected before it is written. */
const writeBytes = 1024 * 1024;

interface Writer {
  add: (content: AsyncIterable<Buffer>) => Promise<Pick<UnpackedFile, "offset" | "size" | "digest">>;
  end: () => Promise<void>;
}

function createWriter(file: FileHandle, { growTo }: Reservation): Writer {
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

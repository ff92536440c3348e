import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { Fault } from "@leat/api";
import { divide, type Part } from "./divide.ts";
import type { Entry, FileEntry, Files } from "./entry.ts";
import { formatIndex } from "./part-index.ts";
import { endOfTar, writeTar } from "./write-tar.ts";

/** Position of a part in an archive, in bytes. */
export interface PartRange {
  offset: number;
  length: number;
}

/** An archive on disk, whose parts are known by their identity. */
export interface DividedArchive {
  path: string;
  parts: ReadonlyMap<string, PartRange>;
}

/** An archive, and what is known of it once it was read to its end. */
export interface ArchiveStream {
  bytes: AsyncIterable<Buffer>;
  parts: ReadonlyMap<string, PartRange>;
}

const chunkBytes = 256 * 1024;
/** Level 6 takes twice the CPU for archives that are 4 to 8 % smaller, and travel within a cluster only. */
const gzipLevel = 1;

/**
 * The files as tar.gz. Each part is compressed for itself, so that a part that the former archive has is copied from it, and
 * the contents of its files are not read. The bytes do not depend on the former archive.
 *
 * @throws Fault `ArchiveOperationFailed` if a file cannot be read
 */
export function writeArchive(files: Files, former: DividedArchive | undefined, signal: AbortSignal): ArchiveStream {
  const parts = new Map<string, PartRange>();
  const lengths: number[] = [];
  const write = async function* write(): AsyncGenerator<Buffer, void, undefined> {
    const sources = (await divide(files.entries, signal)).map((part) => ({ part, copy: copyOf(part, former) }));
    const packed = sources.flatMap(({ part, copy }) => (copy ? [] : part.entries));
    await using contents = openContents(files, packed, signal);
    let offset = 0;
    for (const { part, copy } of sources) {
      let length = 0;
      for await (const chunk of copy ?? compress(part, contents.of, signal)) {
        length += chunk.length;
        yield chunk;
      }
      parts.set(part.identity, { offset, length });
      lengths.push(length);
      offset += length;
    }
    const index = formatIndex(lengths);
    if (index.length > 0) yield index;
  };
  return { bytes: write(), parts };
}

function copyOf(part: Part, former: DividedArchive | undefined): AsyncIterable<Buffer> | undefined {
  const range = former?.parts.get(part.identity);
  return former && range && read(former.path, range);
}

async function* read(path: string, { offset, length }: PartRange): AsyncGenerator<Buffer, void, undefined> {
  const options = { start: offset, end: offset + length - 1, highWaterMark: 1024 * 1024 };
  let missing = length;
  for await (const chunk of createReadStream(path, options) as AsyncIterable<Buffer>) {
    missing -= chunk.length;
    yield chunk;
  }
  if (missing !== 0) throw new Error(`${path} is truncated`);
}

type ContentOf = (file: FileEntry) => Promise<AsyncIterable<Uint8Array>>;

/** Contents are asked for in the order of the entries. */
function openContents(files: Files, entries: readonly Entry[], signal: AbortSignal) {
  const wanted = entries.filter((entry) => entry.kind === "file");
  const contents = files.read(wanted, signal)[Symbol.asyncIterator]();
  const of: ContentOf = async ({ path }) => {
    const next = await contents.next();
    if (next.done) throw new Fault("ArchiveOperationFailed", `${path} cannot be read from the source`);
    return next.value;
  };
  return { of, [Symbol.asyncDispose]: async () => void (await contents.return?.()) };
}

async function* compress(part: Part, contentOf: ContentOf, signal: AbortSignal): AsyncGenerator<Buffer> {
  const tar = async function* tar(): AsyncGenerator<Buffer> {
    yield* writeTar(part.entries, contentOf);
    if (part.isLast) yield endOfTar;
  };
  const gzip = createGzip({ level: gzipLevel, chunkSize: 64 * 1024 });
  const feeding = pipeline(inChunks(tar()), gzip, { signal });
  // A failure shows in the loop; here it only must not be unhandled.
  feeding.catch(() => {});
  yield* gzip as AsyncIterable<Buffer>;
  await feeding;
}

/** Chunks of one size: few calls for many small files, and the compressor sees the same ones whatever the pieces were. */
async function* inChunks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    pieces.push(piece);
    length += piece.length;
    if (length < chunkBytes) continue;
    const all = Buffer.concat(pieces);
    const whole = length - (length % chunkBytes);
    for (let start = 0; start < whole; start += chunkBytes) yield all.subarray(start, start + chunkBytes);
    pieces = [all.subarray(whole)];
    length -= whole;
  }
  if (length > 0) yield Buffer.concat(pieces);
}

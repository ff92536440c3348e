import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "@leat/api";
import { turns } from "@leat/text";
import { maxIndexBytes, parseIndex } from "./part-index.ts";
import type { SharedParts } from "./shared-parts.ts";
import type { Reservation, Space } from "./space.ts";
import { UnpackBudget, type UnpackLimits } from "./unpack-budget.ts";
import { shareOfPart, type UnpackedPart, unpackPart } from "./unpack-part.ts";
import { UnpackedTree } from "./unpacked-tree.ts";
import type { PartRange } from "./write-archive.ts";

export interface UnpackOptions {
  /** For new files that hold the unpacked contents until they are disposed of. */
  directory: string;
  limits: UnpackLimits;
  /** What the contents take until they are disposed of. */
  space: Space;
  /** What artifacts have that are there: it is not unpacked again. */
  parts: SharedParts;
}

/** What an archive consists of, until it is disposed of. */
export type Unpacked = Pick<UnpackedTree, "files" | "directories"> & AsyncDisposable;

/** One archive while it is unpacked. */
interface Unpacking extends UnpackOptions {
  path: string;
  file: FileHandle;
  /** For what is read to be hashed. */
  buffer: Buffer;
  budget: UnpackBudget;
  tree: UnpackedTree;
  reservation: Reservation;
  signal: AbortSignal;
}

/** What an artifact has of the memory for an entry; its path and digest are in memory once for all artifacts. */
const shareOfArtifact = 1 - shareOfPart;

/**
 * Unpacks a tar.gz. Of an archive in parts, only those are unpacked that no other artifact has.
 *
 * @throws Fault `ArtifactFailed` where the archive is damaged, leads out of its root or goes beyond a limit, or if there is
 *   no space for it
 */
export async function unpack(path: string, options: UnpackOptions, signal: AbortSignal): Promise<Unpacked> {
  await using stack = new AsyncDisposableStack();
  const reservation = stack.use(options.space.reserve());
  const budget = new UnpackBudget(options.limits);
  const tree = new UnpackedTree(budget);
  try {
    await using file = await open(path, "r");
    const parts = await partsOf(file);
    const buffer = Buffer.allocUnsafeSlow(parts.length > 1 ? 1024 * 1024 : 0);
    const unpacking: Unpacking = { ...options, path, file, buffer, budget, tree, reservation, signal };
    for (const part of parts) {
      stack.use(await (parts.length > 1 ? sharedPart(unpacking, part) : newPart(unpacking, part)));
      await reservation.growTo({ entries: Math.ceil(budget.used.entries * shareOfArtifact) });
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof Fault) throw cause;
    throw new Fault("ArtifactFailed", `the artifact is not a valid archive: ${(cause as Error).message}`, { cause });
  }
  const { files, directories } = tree;
  const unpacked = stack.move();
  return { files, directories, [Symbol.asyncDispose]: () => unpacked.disposeAsync() };
}

async function partsOf(file: FileHandle): Promise<PartRange[]> {
  const { size } = await file.stat();
  const end = Buffer.alloc(Math.min(size, maxIndexBytes));
  await file.read(end, 0, end.length, size - end.length);
  let offset = 0;
  const lengths = parseIndex(end, size) ?? [size];
  return lengths.map((length) => ({ offset: (offset += length) - length, length }));
}

async function sharedPart(unpacking: Unpacking, range: PartRange): Promise<UnpackedPart> {
  const { parts, budget, tree, signal } = unpacking;
  const digest = await digestOf(unpacking, range);
  const known = parts.find(digest);
  if (known === undefined) return parts.share(digest, await newPart(unpacking, range));
  await using stack = new AsyncDisposableStack();
  stack.use(known);
  budget.admitAll(known);
  const turn = turns(signal);
  for (const entry of known.entries) {
    tree.add(entry);
    await turn();
  }
  stack.move();
  return known;
}

async function newPart({ path, signal, ...unpacking }: Unpacking, range: PartRange): Promise<UnpackedPart> {
  const { directory, budget, tree, reservation } = unpacking;
  const target = join(directory, crypto.randomUUID());
  const options = { target, reservation: reservation.part(), budget, tree };
  const part = await unpackPart({ path, range }, options, signal);
  // Otherwise an archive could have any number of parts.
  if (part.headers > 0 || range.offset === 0) return part;
  await part[Symbol.asyncDispose]();
  throw new Error("a part without entries");
}

/** SHA-256 of the compressed bytes. */
async function digestOf({ file, buffer, signal }: Unpacking, { offset, length }: PartRange): Promise<string> {
  const hash = createHash("sha256");
  for (let done = 0; done < length;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, length - done), offset + done);
    if (bytesRead === 0) throw new Error("it is truncated");
    hash.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
  return hash.digest("hex");
}

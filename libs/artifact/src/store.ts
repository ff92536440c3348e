import { lstat, mkdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Artifact, Fault } from "@leat/api";
import type { DigestAlgorithm } from "./digest.ts";
import { collectFiles } from "./garbage.ts";
import { createLeasePool, type LeasePool } from "./lease-pool.ts";
import { type ArtifactFiles, openFiles, type Opened } from "./open-files.ts";
import { type ArtifactOwner, directoryOf, safeName } from "./owner-directory.ts";
import type { Publication } from "./publication.ts";
import { SharedParts } from "./shared-parts.ts";
import { createSpace, type Size, type Space } from "./space.ts";
import { type ArtifactCondition, createStoredFiles, type StoredFiles } from "./stored-files.ts";
import { defaultUnpackLimits, type UnpackLimits } from "./unpack-budget.ts";
import type { DividedArchive } from "./write-archive.ts";
import { writeContent } from "./write-content.ts";

export interface StoreOptions {
  /** Root of the storage, which belongs to this store alone. */
  directory: string;
  /** `host:port` under which others reach the files. */
  advertisedAddress: string;
  /** How long an outdated file is kept for consumers that still fetch it. */
  retentionTtlMs: number;
  /** How many files of an object are kept, the newest included. */
  retentionRecords: number;
  digestAlgorithm?: DigestAlgorithm;
  /** Of artifacts that are opened. */
  limits?: UnpackLimits;
}

export interface ArtifactStore extends AsyncDisposable {
  /**
   * Writes and digests the content; a file appears complete or not at all.
   *
   * @throws Fault `ArchiveOperationFailed`, `DirectoryCreationFailed`, `SymlinkUpdateFailed`
   */
  publish: (owner: ArtifactOwner, publication: Publication, signal: AbortSignal) => Promise<Artifact>;
  /**
   * Whether the file exists and has its digest; read again only if it is not provably the file last verified. A
   * damaged file is removed.
   *
   * @throws Fault `ArtifactVerificationFailed` if it cannot be read
   */
  inspect: (owner: ArtifactOwner, artifact: Artifact, signal: AbortSignal) => Promise<ArtifactCondition>;
  /**
   * The files of a stored archive, verified, and unpacked once for all that hold it.
   *
   * @returns `missing` if the file is not in the owner's directory, or does not have its digest
   * @throws Fault `ArtifactVerificationFailed`, `ArtifactFailed` if it cannot be unpacked
   */
  open: (owner: ArtifactOwner, artifact: Artifact, signal: AbortSignal) => Promise<Opened>;
  /** The URL under which the artifact is reached now. */
  urlOf: (artifact: Artifact) => string;
  /** Removes files that are outdated for long enough, or too many. @returns how many */
  collectGarbage: (owner: ArtifactOwner, current: Artifact | undefined) => Promise<number>;
  /** Removes all of an owner's files. @returns whether there were any */
  remove: (owner: ArtifactOwner) => Promise<boolean>;
}

interface Storage extends StoreOptions {
  files: StoredFiles;
  unpacked: LeasePool<ArtifactFiles & AsyncDisposable>;
  space: Space;
  parts: SharedParts;
  /** By the owner's directory: what it published last, if that has several parts. */
  newest: Map<string, { artifact: Artifact; parts: DividedArchive["parts"] }>;
}

/** Files that are not complete, and unpacked ones: on the same file system, and not served. */
const temporaryDirectory = ".tmp";
/** Of unpacked artifacts, which take room in the storage. */
const unpackedSpace: Size = { bytes: 4 * 1024 ** 3, entries: 700_000 };

/** @throws Fault `DirectoryCreationFailed` */
export async function createStore(options: StoreOptions): Promise<ArtifactStore> {
  const { directory } = options;
  const unpacked: LeasePool<ArtifactFiles & AsyncDisposable> = createLeasePool();
  const space = createSpace(unpackedSpace, () => unpacked.dropUnused());
  const storage: Storage = {
    ...options,
    files: createStoredFiles(directory),
    unpacked,
    space,
    parts: new SharedParts(),
    newest: new Map(),
  };
  const temporary = join(directory, temporaryDirectory);
  await rm(temporary, { recursive: true, force: true });
  await makeDirectory(temporary);
  return {
    publish: (owner, publication, signal) => publish(storage, owner, publication, signal),
    inspect: storage.files.inspect,
    open: (owner, artifact, signal) => open(storage, { owner, artifact }, signal),
    urlOf: ({ path }) => urlOf(storage, path),
    collectGarbage: (owner, current) => collectGarbage(storage, owner, current),
    remove: (owner) => removeAll(storage, owner),
    [Symbol.asyncDispose]: () => storage.unpacked[Symbol.asyncDispose](),
  };
}

async function publish(
  storage: Storage,
  owner: ArtifactOwner,
  { revision, fileName, latestName, content }: Publication,
  signal: AbortSignal,
): Promise<Artifact> {
  const { directory, files, newest, digestAlgorithm = "sha256" } = storage;
  const path = `${directoryOf(owner)}/${safeName(fileName)}`;
  const target = join(directory, path);
  const temporary = temporaryPath(directory);
  await makeDirectory(dirname(target));
  try {
    const former = await formerArchive(storage, owner, signal);
    const { digest, size, parts } = await writeContent(
      temporary,
      content,
      { algorithm: digestAlgorithm, former },
      signal,
    );
    const lastUpdateTime = `${new Date().toISOString().slice(0, 19)}Z`;
    await rename(temporary, target);
    await files.written(target, digest);
    await linkLatest(directory, target, safeName(latestName));
    const artifact = { path, url: urlOf(storage, path), revision, digest, lastUpdateTime, size };
    if (parts.size > 1) newest.set(directoryOf(owner), { artifact, parts });
    else newest.delete(directoryOf(owner));
    return artifact;
  } catch (cause) {
    await rm(temporary, { force: true });
    signal.throwIfAborted();
    if (cause instanceof Fault) throw cause;
    throw new Fault("ArchiveOperationFailed", `cannot store ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** What the owner published last, unless its file has changed since. */
async function formerArchive(
  { directory, files, newest }: Storage,
  owner: ArtifactOwner,
  signal: AbortSignal,
): Promise<DividedArchive | undefined> {
  const former = newest.get(directoryOf(owner));
  if (former === undefined || (await files.inspect(owner, former.artifact, signal)) !== "intact") return undefined;
  return { path: join(directory, former.artifact.path), parts: former.parts };
}

async function linkLatest(directory: string, target: string, name: string): Promise<void> {
  const temporary = temporaryPath(directory);
  try {
    await symlink(basename(target), temporary);
    await rename(temporary, join(dirname(target), name));
  } catch (cause) {
    throw new Fault("SymlinkUpdateFailed", `cannot set ${name}: ${(cause as Error).message}`, { cause });
  }
}

async function open(
  { directory, files, unpacked, space, parts, limits = defaultUnpackLimits }: Storage,
  { owner, artifact }: { owner: ArtifactOwner; artifact: Artifact },
  signal: AbortSignal,
): Promise<Opened> {
  if ((await files.inspect(owner, artifact, signal)) !== "intact") return { kind: "missing" };
  const make = (until: AbortSignal) =>
    openFiles(
      join(directory, artifact.path),
      { directory: join(directory, temporaryDirectory), limits, space, parts },
      until,
    );
  const lease = await unpacked.lease(artifact.digest, make, signal);
  if (lease === undefined) return { kind: "missing" };
  return { kind: "opened", contents: lease.value, [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose]() };
}

async function collectGarbage(storage: Storage, owner: ArtifactOwner, current: Artifact | undefined): Promise<number> {
  const directory = join(storage.directory, directoryOf(owner));
  const removed = await collectFiles({ ...storage, directory, current }).catch((cause: Error) => {
    throw new Fault("GarbageCollectionFailed", `cannot remove old artifacts: ${cause.message}`, { cause });
  });
  for (const path of removed) storage.files.removed(path);
  return removed.length;
}

async function removeAll({ directory, files, newest }: Storage, owner: ArtifactOwner): Promise<boolean> {
  const path = join(directory, directoryOf(owner));
  const exists = await lstat(path).then(
    () => true,
    () => false,
  );
  await rm(path, { recursive: true, force: true });
  files.removedBelow(path);
  newest.delete(directoryOf(owner));
  return exists;
}

function urlOf({ advertisedAddress }: StoreOptions, path: string): string {
  return `http://${advertisedAddress}/${path}`;
}

function temporaryPath(directory: string): string {
  return join(directory, temporaryDirectory, crypto.randomUUID());
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Fault("DirectoryCreationFailed", `cannot create the directory ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

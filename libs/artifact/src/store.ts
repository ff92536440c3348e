import { lstat, mkdir, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Artifact, Fault } from "@leat/api";
import { type DigestAlgorithm, digestOfFile, isSameDigest, parseDigest } from "./digest.ts";
import type { Entry } from "./entry.ts";
import { collectFiles } from "./garbage.ts";
import { pack } from "./pack.ts";

/** Whose artifacts: the directory they lie in. */
export interface ArtifactOwner {
  kind: string;
  namespace: string;
  name: string;
}

/** What is to be stored. */
export interface Publication {
  revision: string;
  /** Ends with `.tar.gz`. */
  fileName: string;
  /** Sorted: what the archive holds, in this order. */
  entries: AsyncIterable<Entry>;
}

export interface StoreOptions {
  /** Root of the storage, which belongs to this store alone. */
  directory: string;
  /** `host:port` under which others reach the files. */
  advertisedAddress: string;
  /** How long an outdated file is kept, for who is still fetching it. */
  retentionTtlMs: number;
  /** How many files of an object are kept, the newest included. */
  retentionRecords: number;
  digestAlgorithm?: DigestAlgorithm;
}

export interface ArtifactStore {
  /**
   * Packs, digests and stores; a file is there whole or not at all.
   *
   * @throws Fault `ArchiveOperationFailed`, `DirectoryCreationFailed`, `SymlinkUpdateFailed`
   */
  publish: (owner: ArtifactOwner, publication: Publication, signal: AbortSignal) => Promise<Artifact>;
  /**
   * Whether the file is there and has its digest; read again only where it is not provably the file last verified. A
   * damaged file is removed.
   *
   * @throws Fault `ArtifactVerificationFailed` where it cannot be read
   */
  inspect: (owner: ArtifactOwner, artifact: Artifact, signal: AbortSignal) => Promise<ArtifactCondition>;
  /** The URL under which the artifact is reached now. */
  urlOf: (artifact: Artifact) => string;
  /** Removes files that are outdated for long enough, or too many. @returns how many */
  collectGarbage: (owner: ArtifactOwner, current: Artifact | undefined) => Promise<number>;
  /** Removes all of an owner's files. @returns whether there were any */
  remove: (owner: ArtifactOwner) => Promise<boolean>;
}

export type ArtifactCondition = "intact" | "lost" | "damaged";

/** What tells that a file is still the one whose digest is known. */
interface Fingerprint {
  inode: bigint;
  size: bigint;
  modifiedNs: bigint;
  changedNs: bigint;
  digest: string;
}

interface Place extends StoreOptions {
  /** By path: files that were written or verified by this process. */
  verified: Map<string, Fingerprint>;
}

/** Half-written files lie here, on the same file system, out of reach of the server. */
const temporaryDirectory = ".tmp";

/** @throws Fault `DirectoryCreationFailed` */
export async function createStore(options: StoreOptions): Promise<ArtifactStore> {
  const place: Place = { ...options, verified: new Map() };
  const temporary = join(options.directory, temporaryDirectory);
  await rm(temporary, { recursive: true, force: true });
  await makeDirectory(temporary);
  return {
    publish: (owner, publication, signal) => publish(place, owner, publication, signal),
    inspect: (owner, artifact, signal) => inspect(place, { owner, artifact }, signal),
    urlOf: ({ path }) => urlOf(place, path),
    collectGarbage: async (owner, current) => {
      const directory = join(options.directory, directoryOf(owner));
      const removed = await collectFiles({ ...options, directory, current }).catch((cause: Error) => {
        throw new Fault("GarbageCollectionFailed", `cannot clear away old artifacts: ${cause.message}`, { cause });
      });
      for (const path of removed) place.verified.delete(path);
      return removed.length;
    },
    remove: (owner) => removeAll(place, owner),
  };
}

async function publish(
  place: Place,
  owner: ArtifactOwner,
  publication: Publication,
  signal: AbortSignal,
): Promise<Artifact> {
  const { directory, digestAlgorithm = "sha256" } = place;
  const path = `${directoryOf(owner)}/${safeName(publication.fileName)}`;
  const target = join(directory, path);
  const temporary = join(directory, temporaryDirectory, crypto.randomUUID());
  await makeDirectory(dirname(target));
  try {
    const { digest, size } = await pack(temporary, publication.entries, digestAlgorithm, signal);
    const lastUpdateTime = `${new Date().toISOString().slice(0, 19)}Z`;
    await rename(temporary, target);
    place.verified.set(target, { ...(await fingerprintOf(target)), digest });
    await linkLatest(directory, target);
    return { path, url: urlOf(place, path), revision: publication.revision, digest, lastUpdateTime, size };
  } catch (cause) {
    await rm(temporary, { force: true });
    signal.throwIfAborted();
    if (cause instanceof Fault) throw cause;
    throw new Fault("ArchiveOperationFailed", `cannot store ${path}: ${(cause as Error).message}`, { cause });
  }
}

interface Subject {
  owner: ArtifactOwner;
  artifact: Artifact;
}

async function inspect(place: Place, { owner, artifact }: Subject, signal: AbortSignal): Promise<ArtifactCondition> {
  const prefix = `${directoryOf(owner)}/`;
  const name = artifact.path.slice(prefix.length);
  // The path stands in the status, where others may write: it must not lead elsewhere.
  if (artifact.path !== prefix + name || !isSafeName(name)) return "lost";
  const path = join(place.directory, artifact.path);
  const now = await fingerprintOf(path).catch(() => undefined);
  if (now === undefined) return "lost";
  const known = place.verified.get(path);
  const digest = known && isSameFile(known, now) ? known.digest : await digestAt(path, artifact, signal);
  if (isSameDigest(digest, artifact.digest)) {
    place.verified.set(path, { ...now, digest });
    return "intact";
  }
  await rm(path, { force: true });
  return "damaged";
}

async function digestAt(path: string, { digest }: Artifact, signal: AbortSignal): Promise<string> {
  try {
    return await digestOfFile(path, parseDigest(digest).algorithm, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new Fault("ArtifactVerificationFailed", `cannot verify ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function fingerprintOf(path: string): Promise<Omit<Fingerprint, "digest">> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return { inode: ino, size, modifiedNs: mtimeNs, changedNs: ctimeNs };
}

function isSameFile(a: Fingerprint, b: Omit<Fingerprint, "digest">): boolean {
  return a.inode === b.inode && a.size === b.size && a.modifiedNs === b.modifiedNs && a.changedNs === b.changedNs;
}

async function linkLatest(directory: string, target: string): Promise<void> {
  const temporary = join(directory, temporaryDirectory, crypto.randomUUID());
  try {
    await symlink(target.slice(dirname(target).length + 1), temporary);
    await rename(temporary, join(dirname(target), "latest.tar.gz"));
  } catch (cause) {
    throw new Fault("SymlinkUpdateFailed", `cannot set latest.tar.gz: ${(cause as Error).message}`, { cause });
  }
}

async function removeAll({ directory, verified }: Place, owner: ArtifactOwner): Promise<boolean> {
  const path = join(directory, directoryOf(owner));
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  await rm(path, { recursive: true, force: true });
  for (const file of verified.keys()) if (file.startsWith(`${path}/`)) verified.delete(file);
  return isThere;
}

function directoryOf({ kind, namespace, name }: ArtifactOwner): string {
  return [kind.toLowerCase(), namespace, name].map(safeName).join("/");
}

function safeName(name: string): string {
  if (!isSafeName(name)) throw new Fault("InvalidPath", `${JSON.stringify(name)} cannot be the name of a file`);
  return name;
}

function isSafeName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._:@+-]*$/.test(name);
}

function urlOf({ advertisedAddress }: Place, path: string): string {
  return `http://${advertisedAddress}/${path}`;
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Fault("DirectoryCreationFailed", `cannot make the directory ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "@leat/api";
import type { Http } from "@leat/http";
import { parseDigest } from "./digest.ts";
import { fetchArtifact } from "./fetch-artifact.ts";
import { createLeasePool, type LeasePool } from "./lease-pool.ts";
import { type ArtifactFiles, openFiles, type Opened } from "./open-files.ts";
import { openOwnDirectory } from "./own-directory.ts";
import { createOutdated } from "./outdated.ts";
import { SharedParts } from "./shared-parts.ts";
import { createSpace, type Size, type Space } from "./space.ts";
import { defaultUnpackLimits, type UnpackLimits } from "./unpack-budget.ts";

/** The file of an artifact as it was published, with its digest verified, until it is disposed of. */
export type OpenedArchive = ({ kind: "opened"; path: string } & AsyncDisposable) | { kind: "missing" };

export interface ArtifactCacheOptions {
  /** For caches of any number of processes. What processes that have ended left there is removed. */
  directory: string;
  http: Http;
  /** Of one archive. */
  maxArchiveBytes?: number;
  limits?: UnpackLimits;
  /** Of all artifacts together. Those that are not in use are removed, the one unused for longest first, to make room. */
  space?: Size;
  /** Until the server responds, and of each pause of a download. */
  timeoutMs?: number;
  retryDelaysMs?: readonly number[];
  /**
   * `host:port` to fetch from instead of the advertised one, by the first label of the advertised host, or `*` for all
   * others; `undefined` for no replacement. For a consumer outside the cluster.
   */
  hosts?: ReadonlyMap<string, string | undefined>;
}

export interface ArtifactCache extends AsyncDisposable {
  /**
   * The files of an artifact: fetched, verified and unpacked once per URL and digest, however many callers need it.
   *
   * @throws Fault `ArtifactFailed`
   */
  open: (artifact: Artifact, signal: AbortSignal) => Promise<Opened>;
  /**
   * The file of an artifact: fetched and verified once per URL and digest.
   *
   * @throws Fault `ArtifactFailed`
   */
  archive: (artifact: Artifact, signal: AbortSignal) => Promise<OpenedArchive>;
  /**
   * Removes an artifact that its source no longer names, as soon as it is not in use. If the source names another one, this
   * one stays until that one is opened: what both have is not unpacked again.
   */
  release: (artifact: Named, successor?: Named) => Promise<void>;
}

type Named = Pick<Artifact, "url" | "digest">;
type Archive = { path: string } & AsyncDisposable;

const defaultSpace: Size = { bytes: 8 * 1024 ** 3, entries: 700_000 };

export async function createArtifactCache(options: ArtifactCacheOptions): Promise<ArtifactCache> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await openOwnDirectory(options.directory));
  const unpacked: LeasePool<ArtifactFiles & AsyncDisposable> = stack.use(createLeasePool());
  const archives: LeasePool<Archive> = stack.use(createLeasePool());
  const outdated = createOutdated(unpacked);
  const makeRoom = async () => (await archives.dropUnused()) || (await unpacked.dropUnused());
  const world = {
    ...options,
    directory,
    space: createSpace(options.space ?? defaultSpace, makeRoom),
    parts: new SharedParts(),
  };
  const opened = stack.move();
  return {
    open: async (artifact, signal) => {
      parseDigest(artifact.digest);
      const lease = await unpacked.lease(keyOf(artifact), (until) => fetchFiles(world, artifact, until), signal);
      // What cannot be removed now is removed with the cache.
      if (lease) await outdated.removeFor(keyOf(artifact)).catch(() => {});
      return lease ? { kind: "opened", contents: lease.value, ...disposing(lease) } : { kind: "missing" };
    },
    archive: async (artifact, signal) => {
      parseDigest(artifact.digest);
      const lease = await archives.lease(keyOf(artifact), (until) => fetchArchive(world, artifact, until), signal);
      return lease ? { kind: "opened", path: lease.value.path, ...disposing(lease) } : { kind: "missing" };
    },
    release: async (artifact, successor) => {
      await archives.drop(keyOf(artifact));
      await outdated.add(keyOf(artifact), successor && keyOf(successor));
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** By its URL too: who knows the digest of an artifact need not be able to fetch it. */
function keyOf({ url, digest }: Named): string {
  return `${digest} ${url}`;
}

type CacheWorld = Omit<ArtifactCacheOptions, "space"> & { space: Space; parts: SharedParts };

function disposing(lease: AsyncDisposable): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose]() };
}

async function fetchFiles(world: CacheWorld, artifact: Artifact, signal: AbortSignal) {
  await using archive = await fetchArchive(world, artifact, signal);
  if (archive === undefined) return undefined;
  return await openFiles(archive.path, { limits: defaultUnpackLimits, ...world }, signal);
}

async function fetchArchive(world: CacheWorld, artifact: Artifact, signal: AbortSignal): Promise<Archive | undefined> {
  const {
    directory,
    http,
    space,
    hosts,
    maxArchiveBytes = 1024 ** 3,
    timeoutMs = 60_000,
    retryDelaysMs = [100, 400, 1600],
  } = world;
  const path = join(directory, crypto.randomUUID());
  await using stack = new AsyncDisposableStack();
  const { growTo } = stack.use(space.reserve());
  stack.defer(() => rm(path, { force: true }));
  const reachable = { ...artifact, url: reachableUrl(artifact.url, hosts) };
  const limits = { http, maxBytes: maxArchiveBytes, timeoutMs, retryDelaysMs, growTo };
  const fetched = await fetchArtifact(reachable, path, limits, signal);
  if (fetched.kind === "missing") return undefined;
  const kept = stack.move();
  return { path, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function reachableUrl(url: string, hosts: ArtifactCacheOptions["hosts"] = new Map()): string {
  const name = /^https?:\/\/([^/.:]+)/.exec(url)?.[1] ?? "";
  const address = hosts.get(hosts.has(name) ? name : "*");
  return address ? url.replace(/^(https?:\/\/)[^/]+/, `$1${address}`) : url;
}

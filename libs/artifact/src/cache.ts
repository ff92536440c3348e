import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Artifact } from "@leat/api";
import type { Http } from "@leat/http";
import { parseDigest } from "./digest.ts";
import { fetchArtifact } from "./fetch-artifact.ts";
import { createLeasePool, type LeasePool } from "./lease-pool.ts";
import { type ArtifactFiles, openFiles, type Opened } from "./open-files.ts";
import { defaultUnpackLimits, type UnpackLimits } from "./unpack.ts";

/** The file of an artifact as it was published, with its digest verified, until it is disposed of. */
export type OpenedArchive = ({ kind: "opened"; path: string } & AsyncDisposable) | { kind: "missing" };

export interface ArtifactCacheOptions {
  /** Belongs to this cache alone: leftovers of an earlier one are removed. */
  directory: string;
  http: Http;
  /** Of one archive. */
  maxArchiveBytes?: number;
  limits?: UnpackLimits;
  /** Artifacts that are kept while nobody uses them: so many unpacked ones, and so many archives. */
  maxUnused?: number;
  /** Of one attempt to download. */
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
   * The files of an artifact: fetched, verified and unpacked once per digest, however many callers need it.
   *
   * @throws Fault `ArtifactFailed`
   */
  open: (artifact: Artifact, signal: AbortSignal) => Promise<Opened>;
  /**
   * The file of an artifact: fetched and verified once per digest.
   *
   * @throws Fault `ArtifactFailed`
   */
  archive: (artifact: Artifact, signal: AbortSignal) => Promise<OpenedArchive>;
}

type Archive = { path: string } & AsyncDisposable;

export async function createArtifactCache(options: ArtifactCacheOptions): Promise<ArtifactCache> {
  const { directory, maxUnused = 100 } = options;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const unpacked: LeasePool<ArtifactFiles & AsyncDisposable> = stack.use(createLeasePool(maxUnused));
  const archives: LeasePool<Archive> = stack.use(createLeasePool(maxUnused));
  const opened = stack.move();
  return {
    open: async (artifact, signal) => {
      parseDigest(artifact.digest);
      const lease = await unpacked.lease(artifact.digest, (until) => fetchFiles(options, artifact, until), signal);
      return lease ? { kind: "opened", contents: lease.value, ...disposing(lease) } : { kind: "missing" };
    },
    archive: async (artifact, signal) => {
      parseDigest(artifact.digest);
      const lease = await archives.lease(artifact.digest, (until) => fetchArchive(options, artifact, until), signal);
      return lease ? { kind: "opened", path: lease.value.path, ...disposing(lease) } : { kind: "missing" };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function disposing(lease: AsyncDisposable): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose]() };
}

async function fetchFiles(options: ArtifactCacheOptions, artifact: Artifact, signal: AbortSignal) {
  await using archive = await fetchArchive(options, artifact, signal);
  if (archive === undefined) return undefined;
  const target = join(options.directory, crypto.randomUUID());
  return await openFiles(archive.path, { target, limits: options.limits ?? defaultUnpackLimits }, signal);
}

async function fetchArchive(
  options: ArtifactCacheOptions,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<Archive | undefined> {
  const {
    directory,
    http,
    maxArchiveBytes = 1024 ** 3,
    timeoutMs = 60_000,
    retryDelaysMs = [100, 400, 1600],
  } = options;
  const path = join(directory, crypto.randomUUID());
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(path, { force: true }));
  const reachable = { ...artifact, url: reachableUrl(artifact.url, options.hosts) };
  const limits = { http, maxBytes: maxArchiveBytes, timeoutMs, retryDelaysMs };
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

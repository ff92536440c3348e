import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact } from "@leat/api";
import type { Http } from "@leat/http";
import { parseDigest } from "./digest.ts";
import { fetchArtifact } from "./fetch-artifact.ts";
import { type ArtifactFiles, openFiles } from "./open-files.ts";
import { unpack, type UnpackLimits } from "./unpack.ts";

/** An unpacked artifact, until it is disposed of. */
export interface Lease extends AsyncDisposable {
  /** The same for all who hold the artifact. */
  contents: ArtifactFiles;
}

export type Opened =
  | ({ kind: "opened" } & Lease)
  /** The source has been restarted, or is about to store it again. */
  | { kind: "missing" };

export interface ArtifactCacheOptions {
  /** Belongs to this cache alone: what an earlier one left in it is removed. */
  directory: string;
  http: Http;
  /** Of one archive. */
  maxArchiveBytes?: number;
  limits?: UnpackLimits;
  /** Unpacked artifacts that are kept though nobody uses them. */
  maxUnused?: number;
  /** Of one attempt to download. */
  timeoutMs?: number;
  retryDelaysMs?: readonly number[];
  /** `host:port` in place of the advertised one, for a consumer outside the cluster. */
  hosts?: { source?: string | undefined; sourceWatcher?: string | undefined };
}

export interface ArtifactCache extends AsyncDisposable {
  /**
   * The files of an artifact: fetched, verified and unpacked once per digest, however many ask.
   *
   * @throws Fault `ArtifactFailed`
   */
  open: (artifact: Artifact, signal: AbortSignal) => Promise<Opened>;
}

interface Kept {
  contents: ArtifactFiles & AsyncDisposable;
  /** The file that has all contents. */
  path: string;
  users: number;
}

interface Place extends ArtifactCacheOptions {
  /** By digest, in the order of use: the first was not used for longest. */
  kept: Map<string, Kept>;
  /** By digest: downloads that somebody waits for. */
  coming: Map<string, Coming>;
  /** All that have not ended yet, those that nobody waits for any more among them. */
  running: Set<Promise<unknown>>;
}

/** A download that several may wait for; ends when nobody does any more. */
interface Coming {
  result: Promise<Kept | undefined>;
  waiting: number;
  controller: AbortController;
}

const defaultLimits = { maxBytes: 2 * 1024 ** 3, maxEntries: 500_000, maxDepth: 100 } satisfies UnpackLimits;

export async function createArtifactCache(options: ArtifactCacheOptions): Promise<ArtifactCache> {
  await rm(options.directory, { recursive: true, force: true });
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const place: Place = { ...options, kept: new Map(), coming: new Map(), running: new Set() };
  return {
    open: async (artifact, signal) => {
      signal.throwIfAborted();
      parseDigest(artifact.digest);
      const kept = place.kept.get(artifact.digest) ?? (await comingOf(place, artifact, signal));
      return kept ? lease(place, artifact.digest, kept) : { kind: "missing" };
    },
    [Symbol.asyncDispose]: async () => {
      for (const { controller } of place.coming.values()) controller.abort();
      await Promise.allSettled(place.running);
      await Promise.all([...place.kept.values()].map(({ contents }) => contents[Symbol.asyncDispose]()));
      await rm(options.directory, { recursive: true, force: true });
    },
  };
}

async function comingOf(place: Place, artifact: Artifact, signal: AbortSignal): Promise<Kept | undefined> {
  const coming = place.coming.get(artifact.digest) ?? start(place, artifact);
  coming.waiting += 1;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([coming.result, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    coming.waiting -= 1;
    if (coming.waiting === 0) coming.controller.abort();
  }
}

function start(place: Place, artifact: Artifact): Coming {
  const controller = new AbortController();
  const forget = () => {
    if (place.coming.get(artifact.digest) === coming) place.coming.delete(artifact.digest);
  };
  const result = bring(place, artifact, controller.signal).finally(() => {
    place.running.delete(result);
    forget();
  });
  place.running.add(result);
  // Who waits sees the failure; nobody may be waiting any more.
  result.catch(() => {});
  controller.signal.addEventListener("abort", forget, { once: true });
  const coming: Coming = { waiting: 0, controller, result };
  place.coming.set(artifact.digest, coming);
  return coming;
}

async function bring(place: Place, artifact: Artifact, signal: AbortSignal): Promise<Kept | undefined> {
  const id = crypto.randomUUID();
  const archive = join(place.directory, `${id}.tar.gz`);
  const path = join(place.directory, id);
  try {
    const fetched = await fetchArtifact(
      { ...artifact, url: urlOf(place, artifact) },
      archive,
      fetchOptions(place),
      signal,
    );
    if (fetched.kind === "missing") return undefined;
    const unpacked = await unpack(archive, path, place.limits ?? defaultLimits, signal);
    const kept = { contents: await openFiles(path, unpacked), path, users: 0 };
    if (signal.aborted) {
      // It is forgotten already: another download of the same may be under way, and nobody would close this one.
      await kept.contents[Symbol.asyncDispose]();
      throw signal.reason;
    }
    place.kept.set(artifact.digest, kept);
    return kept;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await rm(archive, { force: true });
  }
}

function fetchOptions({
  http,
  maxArchiveBytes = 1024 ** 3,
  timeoutMs = 60_000,
  retryDelaysMs = [100, 400, 1600],
}: Place) {
  return { http, maxBytes: maxArchiveBytes, timeoutMs, retryDelaysMs };
}

function lease(place: Place, digest: string, kept: Kept): Opened {
  kept.users += 1;
  place.kept.delete(digest);
  place.kept.set(digest, kept);
  let isHeld = true;
  const release = async () => {
    if (!isHeld) return;
    isHeld = false;
    kept.users -= 1;
    await dropUnused(place);
  };
  return { kind: "opened", contents: kept.contents, [Symbol.asyncDispose]: release };
}

async function dropUnused({ kept, maxUnused = 100 }: Place): Promise<void> {
  const unused = [...kept].filter(([, { users }]) => users === 0);
  const dropped = unused.slice(0, Math.max(0, unused.length - maxUnused));
  for (const [digest] of dropped) kept.delete(digest);
  for (const [, { contents, path }] of dropped) {
    await contents[Symbol.asyncDispose]();
    await rm(path, { force: true });
  }
}

function urlOf({ hosts = {} }: Place, { url }: Artifact): string {
  const host = url.includes("//source-watcher") ? hosts.sourceWatcher : hosts.source;
  return host ? url.replace(/^(https?:\/\/)[^/]+/, `$1${host}`) : url;
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface DownloadOptions {
  /** Gets what is on disk so far, and the whole size where the server tells it. */
  onProgress: (receivedBytes: number, totalBytes: number | undefined) => void;
  signal: AbortSignal | undefined;
  /** How long a server may send nothing. */
  stallMs?: number;
}

const attempts = 5;
const defaultStallMs = 30_000;
const maxBytes = 1024 * 1024 * 1024;

/**
 * Brings a file onto the disk. What an earlier, broken transfer left in `path` is gone on from, so `path` must be a place
 * of its own for what is being downloaded.
 *
 * @param sha256 of the whole file, in hex
 * @throws Error where the server cannot be reached, rejects, or sends something else; what is wrong is then removed
 */
export async function download(url: string, path: string, sha256: string, options: DownloadOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      await transfer(url, path, options);
      break;
    } catch (error) {
      options.signal?.throwIfAborted();
      const isCut = error instanceof Cut || (await sizeOf(path)) > 0;
      if (error instanceof Rejected || attempt >= attempts || !isCut) throw error;
      // Go on from there.
      await pause(200 * attempt, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
  const found = await digestOf(path);
  if (found === sha256) return;
  await rm(path);
  throw new Error(`${url} has the SHA-256 ${found} and not ${sha256}: it was thrown away`);
}

/** An answer that asking again would not change. */
class Rejected extends Error {}

/** A transfer that began and broke. */
class Cut extends Error {}

async function transfer(url: string, path: string, options: DownloadOptions): Promise<void> {
  const have = await sizeOf(path);
  const stall = stallGuard(options);
  try {
    const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
    const response = await fetch(url, { headers, signal: stall.signal });
    if (response.status === 416) return await restart(url, path, options, response);
    if (!response.ok) throw new Rejected(`${url}: ${response.status} ${response.statusText}`.trimEnd());
    const isRest = response.status === 206;
    await using file = await open(path, isRest ? "a" : "w", 0o600);
    await receive(response, file, { ...options, start: isRest ? have : 0, onBytes: stall.reset });
  } finally {
    stall.stop();
  }
}

/** What we have is not the beginning of what there is. */
async function restart(url: string, path: string, options: DownloadOptions, response: Response): Promise<void> {
  await response.body?.cancel();
  const isComplete = response.headers.get("content-range") === `bytes */${await sizeOf(path)}`;
  if (isComplete) return;
  await rm(path);
  await transfer(url, path, options);
}

interface Receiving extends DownloadOptions {
  start: number;
  onBytes: () => void;
}

async function receive(response: Response, file: FileHandle, { start, onBytes, onProgress }: Receiving): Promise<void> {
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : start + Number(length);
  let received = start;
  for await (const chunk of bodyOf(response)) {
    onBytes();
    await file.write(chunk);
    received += chunk.length;
    if (received > maxBytes) throw new Rejected(`${response.url} is larger than ${maxBytes} bytes`);
    onProgress(received, total);
  }
  if (total !== undefined && received < total)
    throw new Cut(`${response.url} ended after ${received} of ${total} bytes`);
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body ?? [];
  } catch (cause) {
    throw new Cut(`${response.url} broke off: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function stallGuard({ signal, stallMs = defaultStallMs }: DownloadOptions) {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error(`the server sent nothing for ${stallMs} ms`)), stallMs);
  return {
    signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
    reset: () => void timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    // Nothing yet.
    return 0;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { type Artifact, Fault } from "@leat/api";
import { type Http, HttpError } from "@leat/http";
import type { Reservation } from "./space.ts";
import { formatDigest, isSameDigest, parseDigest } from "./digest.ts";

export interface FetchOptions {
  http: Http;
  /** Of the archive. */
  maxBytes: number;
  /** Until the server responds, and of each pause of the download. */
  timeoutMs: number;
  /** Pauses before further attempts; none where it is empty. */
  retryDelaysMs: readonly number[];
  /** Takes space before bytes are written. */
  growTo: Reservation["growTo"];
}

type Download = { kind: "fetched" } | { kind: "missing" };

/**
 * Downloads an artifact into a file and checks its digest.
 *
 * @throws Fault `ArtifactFailed`
 */
export async function fetchArtifact(
  artifact: Artifact,
  path: string,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Download> {
  for (const delayMs of [...options.retryDelaysMs, undefined]) {
    try {
      return await download(artifact, path, options, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (delayMs === undefined || (error instanceof Fault && !(error instanceof Unavailable))) throw explained(error);
      await pause(delayMs * (1 + Math.random()), undefined, { signal });
    }
  }
  throw new Error("the last attempt returns or throws");
}

/** The server is there, but not now. */
class Unavailable extends Fault {}

async function download(
  { url, digest: expected }: Artifact,
  path: string,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Download> {
  const { algorithm } = parseDigest(expected);
  const { http, timeoutMs, maxBytes, growTo } = options;
  const answer = await http.request(url, {
    timeoutMs,
    maxPauseMs: timeoutMs,
    maxBytes,
    signal,
    maxRedirects: 5,
  });
  if (answer.status !== 200) await answer.bytes();
  if (answer.status === 404) return { kind: "missing" };
  if (answer.status >= 500 || answer.status === 429)
    throw new Unavailable("ArtifactFailed", `${url} responded with HTTP status ${answer.status}`);
  if (answer.status !== 200) throw new Fault("ArtifactFailed", `${url} responded with HTTP status ${answer.status}`);
  const hash = createHash(algorithm);
  let bytes = 0;
  await pipeline(
    answer.body,
    async function* digest(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        await growTo({ bytes });
        yield chunk;
      }
    },
    createWriteStream(path, { mode: 0o600 }),
    { signal },
  );
  if (isSameDigest(formatDigest(algorithm, hash), expected)) return { kind: "fetched" };
  // Without the computed digest: the URL may lead to what the reader of this message may not read.
  throw new Fault("ArtifactFailed", `computed digest doesn't match: ${url} does not have the digest ${expected}`);
}

function explained(error: unknown): unknown {
  if (!(error instanceof HttpError)) return error;
  const hint = error.proxy === undefined ? "" : "; if it is reached without a proxy, add its host to NO_PROXY";
  return new Fault("ArtifactFailed", `cannot fetch the artifact: ${error.message}${hint}`, { cause: error });
}

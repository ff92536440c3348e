import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type DigestAlgorithm, formatDigest } from "./digest.ts";
import type { Content } from "./publication.ts";
import { type DividedArchive, type PartRange, writeArchive } from "./write-archive.ts";

export interface Written {
  digest: string;
  /** Bytes. */
  size: number;
  /** Of an archive, by their identity. */
  parts: ReadonlyMap<string, PartRange>;
}

export interface WriteOptions {
  algorithm: DigestAlgorithm;
  /** An archive to copy from. */
  former?: DividedArchive | undefined;
}

/** Writes the content into a new file and digests it on the way. Compression runs off the event loop. */
export async function writeContent(
  path: string,
  content: Content,
  { algorithm, former }: WriteOptions,
  signal: AbortSignal,
): Promise<Written> {
  const hash = createHash(algorithm);
  let size = 0;
  const digest = async function* digest(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  const { bytes, parts } =
    content.kind === "raw" ? { ...content, parts: new Map() } : writeArchive(content, former, signal);
  await pipeline(bytes, digest, createWriteStream(path, { mode: 0o600, flags: "wx" }), { signal });
  return { digest: formatDigest(algorithm, hash), size, parts };
}

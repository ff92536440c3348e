import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import { createReadStream } from "node:fs";
import { Fault } from "@leat/api";

export const digestAlgorithms = ["sha256", "sha384", "sha512"] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** A digest as artifacts carry it: `sha256:<hex>`. */
export function formatDigest(algorithm: DigestAlgorithm, hash: Hash): string {
  return `${algorithm}:${hash.digest("hex")}`;
}

/** @throws Fault `ArtifactFailed` for an algorithm that is not known, or a digest of the wrong length */
export function parseDigest(digest: string): { algorithm: DigestAlgorithm; hex: string } {
  const [name = "", hex = ""] = digest.split(":");
  const algorithm = digestAlgorithms.find((known) => known === name);
  if (algorithm === undefined) {
    throw new Fault("ArtifactFailed", `digest ${JSON.stringify(digest)} is not of ${digestAlgorithms.join(", ")}`);
  }
  if (!new RegExp(`^[0-9a-f]{${Number(algorithm.slice(3)) / 4}}$`).test(hex)) {
    throw new Fault("ArtifactFailed", `digest ${JSON.stringify(digest)} is not a ${algorithm} digest`);
  }
  return { algorithm, hex };
}

export function isSameDigest(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

export async function digestOfFile(path: string, algorithm: DigestAlgorithm, signal: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 1024 * 1024 }))
    hash.update(chunk as Buffer);
  return formatDigest(algorithm, hash);
}

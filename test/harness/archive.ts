import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { Artifact } from "@leat/api";

/** One entry of an artifact's archive. */
export interface ArchiveEntry {
  /** Without a slash at the end. */
  path: string;
  kind: "file" | "directory" | "other";
  mode: number;
  owner: number;
  /** Seconds since 1970. */
  modified: number;
  content: string;
}

/** Fetches an artifact and checks its digest and size on the way. */
export async function fetchArchive({ url, digest, size }: Artifact): Promise<ArchiveEntry[]> {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const [algorithm = "", hex] = digest.split(":");
  assert.equal(createHash(algorithm).update(bytes).digest("hex"), hex);
  assert.equal(bytes.length, size);
  return entriesOf(gunzipSync(bytes));
}

/** Paths of the files in an artifact, in the order of the archive. */
export async function filesIn(artifact: Artifact): Promise<string[]> {
  const entries = await fetchArchive(artifact);
  return entries.filter(({ kind }) => kind === "file").map(({ path }) => path);
}

const blockLength = 512;
const kinds: Record<string, ArchiveEntry["kind"]> = { "0": "file", "5": "directory" };

/** POSIX ustar; paths longer than 100 bytes are not needed here. */
function entriesOf(tar: Buffer): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  for (let start = 0; tar[start] !== 0 && start < tar.length;) {
    const text = (from: number, length: number) =>
      tar.toString("utf8", start + from, start + from + length).replace(/\0.*$/s, "");
    const number = (from: number, length: number) => Number.parseInt(text(from, length).trim(), 8);
    const size = number(124, 12);
    const content = start + blockLength;
    entries.push({
      path: text(0, 100).replace(/(?<=.)\/$/, ""),
      kind: kinds[text(156, 1)] ?? "other",
      mode: number(100, 8),
      owner: number(108, 8),
      modified: number(136, 12),
      content: tar.toString("utf8", content, content + size),
    });
    start = content + Math.ceil(size / blockLength) * blockLength;
  }
  return entries;
}

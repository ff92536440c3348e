import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { turns } from "@leat/text";
import type { Entry } from "./entry.ts";
import { tarSizeOf } from "./write-tar.ts";

/** Entries that are compressed together, and without those before them. */
export interface Part {
  entries: Entry[];
  isLast: boolean;
  /** Parts with the same identity have the same bytes. */
  identity: string;
}

/** Of the tar stream: a smaller archive has one part. */
const minBytes = 1024 * 1024;
/** The mean of what a part has beyond the minimum. */
const meanBytes = 1024 * 1024;

/**
 * Divides the entries of an archive at places that depend on the entries nearby only: of two lists that differ in few
 * entries, most parts are the same.
 */
export async function divide(entries: readonly Entry[], signal: AbortSignal): Promise<Part[]> {
  const turn = turns(signal);
  const parts: Part[] = [];
  let start = 0;
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    bytes += tarSizeOf(entry);
    const isLast = index === entries.length - 1;
    if (!isLast && (bytes < minBytes || !isBoundary(entry))) continue;
    parts.push(partOf(entries.slice(start, index + 1), isLast));
    await turn();
    start = index + 1;
    bytes = 0;
  }
  return parts.length > 0 ? parts : [partOf([], true)];
}

/** Larger entries are boundaries more often, so that parts do not differ much in size. */
function isBoundary(entry: Entry): boolean {
  return crc32(entry.path) / 2 ** 32 < tarSizeOf(entry) / meanBytes;
}

function partOf(entries: Entry[], isLast: boolean): Part {
  const hash = createHash("sha256");
  for (const entry of entries) hash.update(`${lineOf(entry)}\0`);
  return { entries, isLast, identity: `${hash.digest("hex")}${isLast ? " last" : ""}` };
}

function lineOf(entry: Entry): string {
  if (entry.kind === "directory") return `directory ${entry.path}`;
  return `${entry.isExecutable ? "program" : "file"} ${entry.id} ${entry.size} ${entry.path}`;
}

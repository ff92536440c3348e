import type { IncomingHttpHeaders } from "node:http";

interface Representation {
  /** Bytes. */
  size: number;
  etag: string;
  modified: Date;
}

/** First and last byte, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * The part of a file that a request asks for; `undefined` for the whole, also where several parts are asked for or the
 * request cannot be read, as RFC 9110, section 14.2 allows.
 */
export function rangeOf(headers: IncomingHttpHeaders, file: Representation): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers.range?.trim() ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (!match || first + last === "" || !isSameFile(headers["if-range"], file)) return undefined;
  return first === "" ? suffix(Number(last), file.size) : fromTo(Number(first), last, file.size);
}

function suffix(length: number, size: number): ByteRange | "unsatisfiable" {
  if (length === 0 || size === 0) return "unsatisfiable";
  return { start: Math.max(0, size - length), end: size - 1 };
}

function fromTo(start: number, last: string, size: number): ByteRange | "unsatisfiable" | undefined {
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}

/** Who goes on with an interrupted download says which file it was of. */
function isSameFile(condition: string | string[] | undefined, { etag, modified }: Representation): boolean {
  if (condition === undefined) return true;
  return condition === etag || condition === modified.toUTCString();
}

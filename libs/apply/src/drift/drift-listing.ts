import { describeDrift, type ObjectDrift } from "./format-drift.ts";

/** Drift as people are told of it, one line for each object; never longer than fits a condition. */
export interface Listing {
  lines: string[];
  /** How many objects there are besides. */
  more: number;
}

const mostLines = 20;
const mostBytes = 8_192;

export function listingOf(drifts: readonly ObjectDrift[], options: { times?: boolean } = {}): Listing {
  const lines: string[] = [];
  let bytes = 0;
  for (const drift of drifts.slice(0, mostLines)) {
    const line = describeDrift(drift, options).replaceAll(/\s+/g, " ");
    bytes += Buffer.byteLength(line);
    if (lines.length > 0 && bytes > mostBytes) break;
    lines.push(line);
  }
  return { lines, more: drifts.length - lines.length };
}

/** The first object is on the first line, the only one that `kubectl get events` prints. */
export function textOf(head: string, { lines, more }: Listing): string {
  return `${head}: ${[...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n")}`;
}

/** Lines of texts of {@link textOf} with these heads, one after another. */
export function linesOf(texts: string, heads: readonly string[]): string[] {
  return texts.split("\n").map((line) => {
    const head = heads.find((one) => line.startsWith(`${one}: `));
    return head === undefined ? line : line.slice(head.length + 2);
  });
}

/**
 * What is not among the lines of before.
 *
 * @param keyOf what of a line has to be told; all of it where it is absent
 * @returns `undefined` where everything was told
 */
export function newsIn(
  { lines, more }: Listing,
  before: readonly string[],
  keyOf: (line: string) => string = (line) => line,
): Listing | undefined {
  const known = new Set(before.map(keyOf));
  const toldMore = Number(/^and (\d+) more$/.exec(before.at(-1) ?? "")?.[1] ?? 0);
  const news = lines.filter((line) => !known.has(keyOf(line)));
  return news.length > 0 || more > toldMore ? { lines: news, more } : undefined;
}

/** `Kind/namespace/name` of a line. */
export function subjectIn(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf(": ")));
}

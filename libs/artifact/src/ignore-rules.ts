import { LimitExceeded } from "@leat/api";
import { compileGlob, type Glob, turns, withoutTrailing } from "@leat/text";

/**
 * Which files stay out of an artifact: the grammar of .gitignore with Flux's reading of it. A pattern that matches a directory
 * matches all that is in it, and the last pattern that matches a file decides: unlike in git, a file of an excluded directory can
 * be taken in again.
 */
export interface IgnoreRules {
  /**
   * The items that are not excluded, in their order. Yields to the event loop.
   *
   * @param items with paths relative to the root, and `/` between their parts
   */
  included: <Item extends { path: string }>(
    items: readonly Item[],
    are: "directories" | "files",
    signal: AbortSignal,
  ) => Promise<Item[]>;
}

export interface IgnoreFile {
  /** Where it lies and what it is for; empty for the root. */
  directory: string;
  text: string;
}

const versionControl = [".git/", ".gitignore", ".gitmodules", ".gitattributes"];
/** Hold only as long as nobody has written a pattern of their own. */
const defaults = [
  "*.jpg *.jpeg *.gif *.png *.wmv *.flv *.tar.gz *.zip",
  ".github/ .circleci/ .travis.yml .gitlab-ci.yml appveyor.yml .drone.yml",
  "cloudbuild.yaml codeship-services.yml codeship-steps.yml",
  "**/.goreleaser.yml **/.sops.yaml **/.flux.yaml",
].flatMap((line) => line.split(" "));

/** Characters of a line. */
const maxPatternLength = 1024;

/** Of all files together: each is compared with every path. */
const maxPatterns = 2000;

/** Characters of patterns times characters of paths, compared between two looks at the clock; some 2 ms. */
const workBetweenTurns = 1_000_000;

/**
 * @param files in the order in which they count, the last the most
 * @throws LimitExceeded
 */
export function ignoreRules(files: readonly IgnoreFile[]): IgnoreRules {
  const lines = files.flatMap(({ directory, text }) => linesOf(text).map((line) => ({ line, directory })));
  if (lines.length > maxPatterns) throw new LimitExceeded(`${lines.length} ignore patterns`, `${maxPatterns} patterns`);
  const own = lines.map(({ line, directory }) => parsePattern(line, partsOf(directory)));
  const standard = [...versionControl, ...(own.length === 0 ? defaults : [])].map((line) => parsePattern(line, []));
  const strongestFirst = [...standard, ...own].toReversed();
  return {
    included: async (items, are, signal) => {
      const clock = { turn: turns(signal), work: 0 };
      const kept: Array<(typeof items)[number]> = [];
      for (const item of items) {
        const decisive = await firstMatch(
          strongestFirst,
          { path: item.path, isDirectory: are === "directories" },
          clock,
        );
        if (decisive === undefined || decisive.isInclusion) kept.push(item);
      }
      return kept;
    },
  };
}

interface Clock {
  turn: () => Promise<void>;
  /** Since the last look at the clock. */
  work: number;
}

async function firstMatch(
  patterns: readonly Pattern[],
  { path, isDirectory }: { path: string; isDirectory: boolean },
  clock: Clock,
): Promise<Pattern | undefined> {
  const parts = partsOf(path);
  for (const pattern of patterns) {
    clock.work += pattern.length * path.length;
    if (clock.work > workBetweenTurns) {
      clock.work = 0;
      await clock.turn();
    }
    if (matches(pattern, parts, isDirectory)) return pattern;
  }
  return undefined;
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  const patterns = lines.filter((line) => !line.startsWith("#") && line.trim() !== "");
  const long = patterns.find(({ length }) => length > maxPatternLength);
  if (long !== undefined)
    throw new LimitExceeded(`an ignore pattern of ${long.length} characters`, `${maxPatternLength} characters`);
  return patterns;
}

function partsOf(path: string): string[] {
  return path === "" ? [] : path.split("/");
}

type Segment =
  | { kind: "nothing" }
  /** Two asterisks: any number of directories. */
  | { kind: "directories" }
  | { kind: "name"; glob: Glob }
  | { kind: "malformed" };

interface Pattern {
  /** The directory that the pattern is for. */
  scope: readonly string[];
  isInclusion: boolean;
  onlyDirectories: boolean;
  segments: readonly Segment[];
  /** Characters. */
  length: number;
}

function parsePattern(line: string, scope: readonly string[]): Pattern {
  const isInclusion = line.startsWith("!");
  const text = isInclusion ? line.slice(1) : line;
  const trimmed = text.endsWith("\\ ") ? text : withoutTrailing(text, " ");
  const onlyDirectories = trimmed.endsWith("/");
  const path = onlyDirectories ? trimmed.slice(0, -1) : trimmed;
  const parts = path.split("/");
  // Without a slash within, it matches names at any depth.
  const segments = parts.length === 1 ? [{ kind: "directories" } as const, nameSegment(path)] : parts.map(segmentOf);
  return { scope, isInclusion, onlyDirectories, segments, length: line.length };
}

function segmentOf(part: string): Segment {
  if (part === "") return { kind: "nothing" };
  if (part === "**") return { kind: "directories" };
  return part.includes("**") ? { kind: "malformed" } : nameSegment(part);
}

function nameSegment(pattern: string): Segment {
  const glob = compileGlob(pattern);
  return glob === undefined ? { kind: "malformed" } : { kind: "name", glob };
}

function matches(
  { scope, segments, onlyDirectories }: Pattern,
  path: readonly string[],
  isDirectory: boolean,
): boolean {
  if (path.length <= scope.length || scope.some((part, index) => path[index] !== part)) return false;
  let position = scope.length;
  let skips = false;
  let hasMatched = false;
  for (const segment of segments) {
    if (segment.kind === "malformed") return false;
    if (segment.kind !== "name") {
      skips = segment.kind === "directories";
      continue;
    }
    const last = skips ? path.length : position + 1;
    const found = path.findIndex((name, index) => index >= position && index < last && segment.glob.matches(name));
    if (found < 0) return false;
    position = found + 1;
    skips = false;
    hasMatched = true;
  }
  return hasMatched && !(onlyDirectories && !isDirectory && position === path.length);
}

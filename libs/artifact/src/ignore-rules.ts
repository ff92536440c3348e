/**
 * Which files stay out of an artifact: the grammar of .gitignore with Flux's reading of it. A pattern that matches a directory
 * matches all that is in it, and the last pattern that matches a file decides: unlike in git, a file of an excluded directory can
 * be taken in again.
 */
export interface IgnoreRules {
  /** @param path with `/` between its parts, relative to the root */
  excludes: (path: string, isDirectory: boolean) => boolean;
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

/** @param files in the order in which they count, the last the most */
export function ignoreRules(files: readonly IgnoreFile[]): IgnoreRules {
  const own = files.flatMap(({ directory, text }) =>
    linesOf(text).map((line) => parsePattern(line, partsOf(directory))),
  );
  const standard = [...versionControl, ...(own.length === 0 ? defaults : [])].map((line) => parsePattern(line, []));
  const strongestFirst = [...standard, ...own].toReversed();
  return {
    excludes: (path, isDirectory) => {
      const parts = partsOf(path);
      const decisive = strongestFirst.find((pattern) => matches(pattern, parts, isDirectory));
      return decisive !== undefined && !decisive.isInclusion;
    },
  };
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => !line.startsWith("#") && line.trim() !== "");
}

function partsOf(path: string): string[] {
  return path === "" ? [] : path.split("/");
}

type Segment =
  | { kind: "nothing" }
  /** Two asterisks: any number of directories. */
  | { kind: "directories" }
  | { kind: "name"; regex: RegExp }
  | { kind: "malformed" };

interface Pattern {
  /** The directory that the pattern is for. */
  scope: readonly string[];
  isInclusion: boolean;
  onlyDirectories: boolean;
  segments: readonly Segment[];
}

function parsePattern(line: string, scope: readonly string[]): Pattern {
  const isInclusion = line.startsWith("!");
  const text = isInclusion ? line.slice(1) : line;
  const trimmed = text.endsWith("\\ ") ? text : text.replace(/ +$/, "");
  const onlyDirectories = trimmed.endsWith("/");
  const path = onlyDirectories ? trimmed.slice(0, -1) : trimmed;
  const parts = path.split("/");
  // Without a slash within, it matches names at any depth.
  const segments = parts.length === 1 ? [{ kind: "directories" } as const, nameSegment(path)] : parts.map(segmentOf);
  return { scope, isInclusion, onlyDirectories, segments };
}

function segmentOf(part: string): Segment {
  if (part === "") return { kind: "nothing" };
  if (part === "**") return { kind: "directories" };
  return part.includes("**") ? { kind: "malformed" } : nameSegment(part);
}

function nameSegment(glob: string): Segment {
  const source = regexOf(glob);
  if (source === undefined) return { kind: "malformed" };
  try {
    return { kind: "name", regex: new RegExp(`^${source}$`, "su") };
  } catch {
    // A range such as [z-a].
    return { kind: "malformed" };
  }
}

/** A glob for one name: `*`, `?`, `[a-z]`, `[^a-z]` and `\` before a character that is meant literally. */
function regexOf(glob: string): string | undefined {
  const token = /\*+|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|([^*?[\\])/suy;
  let source = "";
  while (token.lastIndex < glob.length) {
    const match = token.exec(glob);
    if (!match) return undefined;
    const [all, negation, members, escaped, plain] = match;
    if (members !== undefined)
      source += `[${negation ?? ""}${members.replace(/\\(.)|([[\]^&|~])/gsu, (_, a, b) => RegExp.escape((a ?? b) as string))}]`;
    else if (all === "?") source += "[^/]";
    else source += all.startsWith("*") ? "[^/]*" : RegExp.escape(escaped ?? plain ?? "");
  }
  return source;
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
    const found = path.findIndex((name, index) => index >= position && index < last && segment.regex.test(name));
    if (found < 0) return false;
    position = found + 1;
    skips = false;
    hasMatched = true;
  }
  return hasMatched && !(onlyDirectories && !isDirectory && position === path.length);
}

const maxLength = 2000;

/**
 * The useful part of what kustomize writes when it fails: the innermost reason, with paths of the repository in place of
 * those of the stage. Configuration that it repeats is left out: it may hold the literals of a Secret.
 *
 * @param directory the one that was built, as a path in the repository
 */
export function reasonOf(stderr: string, root: string, directory: string): string {
  const crash = /^panic: (.*)/m.exec(stderr)?.[1];
  if (crash !== undefined)
    return `${nameOf(directory)} cannot be built: kustomize crashed (${crash}); look for an empty or malformed file`;
  const text = stderr.slice(Math.max(0, stderr.indexOf("Error: "))).replace(/^Error: /, "");
  const reason = unwrap(withoutConfig(text.trim())).replaceAll(`${root}/`, "").replaceAll(root, "the root");
  const short = reason.length > maxLength ? `${reason.slice(0, maxLength)} ...` : reason;
  return `${nameOf(directory)} cannot be built: ${short}`;
}

function nameOf(directory: string): string {
  return directory === "" ? "the root of the repository" : directory;
}

function withoutConfig(text: string): string {
  return text.replaceAll(/ with config: `[^`]*`/g, "");
}

/** Each turns one wrapping into what it wraps; the order matters, as the more telling half comes first. */
const wrappings: Array<[RegExp, string]> = [
  [
    /^accumulation err='[^]*?': (?:recursed accumulation of|recursed merging from|couldn't make target for) path '[^']*': ([^]+)$/,
    "$1",
  ],
  [/^accumulation err='([^]*)': must build at directory: [^]*$/, "$1"],
  [/^accumulation err='([^]*)': [^]*$/, "$1"],
  [/^(?:recursed accumulation of|recursed merging from) path '[^']*': ([^]+)$/, "$1"],
  [/^(?:accumulating resources|accumulating components|loading generator plugins): ([^]+)$/, "$1"],
  [/^accumulating resources from '([^']*)': ([^]+)$/, "$1: $2"],
];

function unwrap(text: string): string {
  const quoted = /^(?:accumulating components: )?(?:accumulateDirectory|loader\.New): ?("[^]*")$/.exec(text)?.[1];
  if (quoted !== undefined) return unwrap(unquote(quoted));
  for (const [wrapping, inner] of wrappings) {
    const unwrapped = text.replace(wrapping, inner);
    if (unwrapped !== text) return unwrap(unwrapped);
  }
  return text;
}

function unquote(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    // Go quotes some characters in other ways than JSON; then the text stays as it is.
    return quoted.slice(1, -1);
  }
}

import { withoutCredentials } from "./remote.ts";
import type { WorkDirectory } from "./work-directory.ts";

const maxLength = 2000;

/**
 * The useful part of what kustomize writes when it fails: the innermost reason, with paths of the repository in place of
 * those of the work directory. Configuration, patches and objects that it repeats are left out: they may hold a Secret's values.
 *
 * @param directory the one that was built, as a path in the repository
 */
export function reasonOf(
  stderr: string,
  { root, temporary }: Pick<WorkDirectory, "root" | "temporary">,
  directory: string,
): string {
  const crash = /^panic: (.*)/m.exec(stderr)?.[1];
  if (crash !== undefined) {
    return `${nameOf(directory)} cannot be built: kustomize crashed (${reported(crash)}); check for an empty or malformed file`;
  }
  const text = stderr.slice(Math.max(0, stderr.indexOf("Error: "))).replace(/^Error: /, "");
  const reason = withoutCredentials(explain(unwrap(withoutContents(text.trim()))))
    .replaceAll(`${root}/`, "")
    .replaceAll(root, "the root")
    .replaceAll(new RegExp(`${RegExp.escape(temporary)}/kustomize-\\d+`, "g"), "the cloned repository");
  return `${nameOf(directory)} cannot be built: ${shortened(reason)}`;
}

/** Words of kustomize without what may be secret in them. */
export function reported(words: string): string {
  return shortened(withoutCredentials(withoutContents(words)));
}

function shortened(words: string): string {
  return words.length > maxLength ? `${words.slice(0, maxLength)} ...` : words;
}

export function nameOf(directory: string): string {
  return directory === "" ? "the root of the repository" : directory;
}

/** Configuration, patches and objects may be as large as files: each of these steps takes linear time. */
const contents: Array<(text: string) => string> = [
  (text) => {
    const end = text.lastIndexOf("json: unsupported type: map[interface");
    const start = text.indexOf("map[string]interface {}{");
    const from = start >= 0 && start < end ? start : text.indexOf("json: unsupported type: map[interface");
    return end < 0
      ? text
      : `${text.slice(0, from)}an object has a key that is a number, a date or a boolean; quote the key`;
  },
  (text) => text.split(" with config: `").map(withoutQuoted).join(""),
  (text) => withoutSpan(text, "literal sources [", "expected key=value", { instead: "a literal must be key=value" }),
  (text) => {
    const end = text.indexOf("]", text.indexOf("env source files: ["));
    const isList = text.includes("env source files: [") && text.startsWith("]: ", end);
    return isList ? `${text.slice(0, end)}]: a line must be KEY=value` : text;
  },
  (text) =>
    withoutRest(text, " from [patch: ", "; it is neither a strategic merge patch nor a list of JSON Patch operations"),
  (text) => withoutRest(text, " in object ", ""),
  (text) => withoutSpan(text, "{", "}", { instead: "{...}", atLeast: 60 }),
  (text) => withoutSpan(text, "map[", "]", { instead: "map[...]", atLeast: 60 }),
];

/** A piece of text after an opening quote, without what is within the quotes. */
function withoutQuoted(piece: string, index: number): string {
  const end = index === 0 ? -1 : piece.indexOf("`");
  return end < 0 && index > 0 ? " with config: ..." : piece.slice(end + 1);
}

function withoutRest(text: string, from: string, instead: string): string {
  const start = text.indexOf(from);
  return start < 0 ? text : text.slice(0, start) + instead;
}

/** Replaces what begins with the first `from` and ends with the last `to`, if there are `atLeast` characters in between. */
function withoutSpan(
  text: string,
  from: string,
  to: string,
  { instead, atLeast = 0 }: { instead: string; atLeast?: number },
): string {
  const start = text.indexOf(from);
  const end = text.lastIndexOf(to);
  if (start < 0 || end - start - from.length < atLeast) return text;
  return text.slice(0, start) + instead + text.slice(end + to.length);
}

/** Characters. Longer reasons are cut before their wrappings are removed. */
const maxReasonLength = 16_384;

function withoutContents(text: string): string {
  return contents.reduce((shorter, shorten) => shorten(shorter), text).slice(0, maxReasonLength);
}

/**
 * What kustomize says before the reason. Of an entry that is neither a file nor a directory that it can use it says both
 * reasons: the second is the telling one, unless it only says that a file is no directory.
 */
const wrappings: Array<[RegExp, string]> = [
  [
    /^accumulation err='[^]*?': (?:recursed accumulation of|recursed merging from|couldn't make target for) path '[^']*': /,
    "",
  ],
  [/^accumulation err='[^]*?': (?=cycle detected|security;|failed to run|new root |path "|hit )/, ""],
  [/^accumulation err='([^]*)': must build at directory: [^]*$/, "$1"],
  [/^accumulation err='([^]*)': [^]*$/, "$1"],
  [/^(?:recursed accumulation of|recursed merging from) path '[^']*': /, ""],
  [/^(?:accumulating resources|accumulating components|loading generator plugins): /, ""],
  [/^(?:accumulating|merging) resources from '(?:\.\/)?([^']*)': /, "$1: "],
];

function unwrap(text: string): string {
  const quoted = /^(?:accumulateDirectory|loader\.New):? ("[^]*")$/.exec(text)?.[1];
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

const explanations: Array<[RegExp, string]> = [
  [
    /may not add resource with an already registered id: (\S+)$/,
    "$1 is declared more than once; remove one, or change its name or namespace",
  ],
  [/^failed to run '[^' ]*\/git ([^']*)': ([^]*): exit status \d+$/, "git $1: $2"],
];

function explain(reason: string): string {
  return explanations.reduce((clearer, [said, meant]) => clearer.replace(said, meant), reason).trim();
}

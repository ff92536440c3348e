/** One position of a pattern. */
type Element = "any run" | ((character: string) => boolean);

export type GlobEnd = "start" | "end";

export interface GlobMatch {
  /** The end of the text at which the match begins. */
  from: GlobEnd;
  longest: boolean;
}

/**
 * A compiled pattern. Matching takes time proportional to the length of the text times the number of `elements`, and never
 * more: it does not backtrack.
 */
export interface Glob {
  /** Number of positions in the pattern. */
  elements: number;
  /** Whether it matches the whole text. */
  matches: (text: string) => boolean;
  /** How many characters at one end of the text it matches, at least one; 0 if it matches none. */
  matchedLength: (characters: readonly string[], match: GlobMatch) => number;
}

/**
 * Reads a glob of Go's `path.Match` for one name: `*` matches any run of characters, `?` any one, `[a-z]` and `[^a-z]` one
 * of a class; `\` makes the next character literal. `undefined` if it is malformed.
 */
export function compileGlob(pattern: string): Glob | undefined {
  const elements = elementsOf(pattern);
  if (elements === undefined) return undefined;
  const reversed = elements.toReversed();
  const isLiteral = !/[*?[\\]/.test(pattern);
  const [head = "", tail = ""] = literalEnds(pattern);
  return {
    elements: elements.length,
    matches: (text) => {
      if (isLiteral) return text === pattern;
      return text.startsWith(head) && text.endsWith(tail) && matchesWhole(elements, Array.from(text));
    },
    matchedLength: (characters, { from, longest }) =>
      matchedLength(from === "start" ? elements : reversed, characters, { from, longest }),
  };
}

/** What any match starts and ends with. */
function literalEnds(pattern: string): string[] {
  const parts = pattern.split(/[*?[\]\\]/);
  const escapes = pattern.includes("\\");
  return [parts[0] ?? "", escapes ? "" : (parts.at(-1) ?? "")];
}

/** Only the last run is ever extended: an earlier one could not make up for a mismatch after it. */
function matchesWhole(elements: readonly Element[], text: readonly string[]): boolean {
  let position = 0;
  let lastRun = -1;
  let runEnd = 0;
  for (let index = 0; index < text.length;) {
    const element = elements[position];
    if (element === "any run") {
      lastRun = position;
      runEnd = index;
      position += 1;
    } else if (element?.(text[index] ?? "")) {
      position += 1;
      index += 1;
    } else {
      if (lastRun < 0) return false;
      runEnd += 1;
      index = runEnd;
      position = lastRun + 1;
    }
  }
  return elements.slice(position).every((element) => element === "any run");
}

function matchedLength(elements: readonly Element[], text: readonly string[], { from, longest }: GlobMatch): number {
  let length = 0;
  let states = withRuns(elements, [0]);
  for (let index = 0; index < text.length && states.length > 0; index += 1) {
    const character = text.at(from === "start" ? index : -1 - index) ?? "";
    states = step(elements, states, character);
    if (states.at(-1) !== elements.length) continue;
    length = index + 1;
    if (!longest) break;
  }
  return length;
}

/** The states after one more character, ascending; a state is the number of elements already matched. */
function step(elements: readonly Element[], states: readonly number[], character: string): number[] {
  const next: number[] = [];
  for (const state of states) {
    const element = elements[state];
    if (element === "any run") next.push(state);
    else if (element?.(character)) next.push(state + 1);
  }
  return withRuns(elements, next);
}

/** A run may be empty. */
function withRuns(elements: readonly Element[], states: readonly number[]): number[] {
  const all: number[] = [];
  const add = (state: number) => {
    const last = all.at(-1) ?? -1;
    if (state > last) all.push(state);
  };
  for (const state of states) {
    add(state);
    for (let at = state; elements[at] === "any run"; at += 1) add(at + 1);
  }
  return all;
}

function elementsOf(pattern: string): Element[] | undefined {
  const elements: Element[] = [];
  const tokens = /\*+|\?|\[(\^?)((?:\\.|[^\\\]])(?:\\.|[^\\\]])*)\]|\\(.)|([^\\[])/suy;
  while (tokens.lastIndex < pattern.length) {
    const match = tokens.exec(pattern);
    if (match === null) return undefined;
    const [token, negation, members, taken, plain] = match;
    if (members !== undefined) {
      const isMember = classOf(members);
      if (isMember === undefined) return undefined;
      elements.push(negation === "^" ? (character) => !isMember(character) : isMember);
    } else if (token.startsWith("*")) elements.push("any run");
    else if (token === "?") elements.push(() => true);
    else elements.push((character) => character === (taken ?? plain));
  }
  return elements;
}

function classOf(members: string): ((character: string) => boolean) | undefined {
  const ranges: Array<[low: number, high: number]> = [];
  const range = /(\\.|[^\\-])(?:-(\\.|[^\\-]))?/suy;
  while (range.lastIndex < members.length) {
    const match = range.exec(members);
    if (match === null) return undefined;
    const [, low = "", high = low] = match;
    ranges.push([codeOf(low), codeOf(high)]);
  }
  return (character) => {
    const code = codeOf(character);
    return ranges.some(([low, high]) => low <= code && code <= high);
  };
}

function codeOf(member: string): number {
  return (member.length > 1 && member.startsWith("\\") ? member.slice(1) : member).codePointAt(0) ?? 0;
}

/** One position of a pattern. */
type Element = "any run" | ((character: string) => boolean);

/**
 * How many characters at the start of a text a glob matches, at least one; 0 where it matches none. `*` matches any run of
 * characters, `?` any one, `[a-z]` and `[^a-z]` one of a class; `\` takes the meaning off what follows. A malformed pattern
 * matches nothing.
 *
 * @param from which end of the text is its start
 */
export function matchedLength(
  pattern: string,
  text: readonly string[],
  { from, longest }: { from: "start" | "end"; longest: boolean },
): number {
  const compiled = compile(pattern);
  if (compiled === undefined) return 0;
  const elements = from === "start" ? compiled : compiled.toReversed();
  let length = 0;
  let states = withRuns(elements, new Set([0]));
  for (let index = 0; index < text.length && states.size > 0; index += 1) {
    const character = text.at(from === "start" ? index : -1 - index) ?? "";
    states = withRuns(elements, step(elements, states, character));
    if (!states.has(elements.length)) continue;
    length = index + 1;
    if (!longest) break;
  }
  return length;
}

/** The states after one more character; a state is how many elements lie behind. */
function step(elements: readonly Element[], states: ReadonlySet<number>, character: string): Set<number> {
  const next = new Set<number>();
  for (const state of states) {
    const element = elements[state];
    if (element === "any run") next.add(state);
    else if (element?.(character)) next.add(state + 1);
  }
  return next;
}

/** A run may be empty. */
function withRuns(elements: readonly Element[], states: Set<number>): Set<number> {
  // States that are added meanwhile are visited too.
  for (const state of states) if (elements[state] === "any run") states.add(state + 1);
  return states;
}

function compile(pattern: string): Element[] | undefined {
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
  return (character) => ranges.some(([low, high]) => low <= codeOf(character) && codeOf(character) <= high);
}

function codeOf(member: string): number {
  return (member.length > 1 && member.startsWith("\\") ? member.slice(1) : member).codePointAt(0) ?? 0;
}

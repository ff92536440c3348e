import { programSize } from "@leat/text";
import type { Budget } from "./budget.ts";
import { patternOf } from "./regex.ts";

/**
 * A method in the place of the library's own.
 *
 * @param literals what the expression itself gives as arguments; `undefined` for those that are only known later
 * @returns a function of the receiver and its arguments, which gives `undefined` where it is not for such values
 */
type Member = (literals: readonly unknown[], budget: Budget) => (values: readonly unknown[]) => unknown;

/** Methods of strings that the library has otherwise than CEL defines them, or without limits. */
const byName: Readonly<Record<string, Member>> = {
  matches: ([literal], budget) => {
    const pattern = typeof literal === "string" ? patternOf(literal) : undefined;
    return ([text, regex]) => {
      if (typeof text !== "string" || typeof regex !== "string") return undefined;
      budget.spend((text.length * regex.length) / charactersPerStep);
      if (pattern === undefined) budget.spend(programSize(regex) * stepsPerInstruction);
      return (pattern ?? patternOf(regex))(text);
    };
  },
  lowerAscii: () => letters(/[A-Z]/g, (letter) => letter.toLowerCase()),
  upperAscii: () => letters(/[a-z]/g, (letter) => letter.toUpperCase()),
  join: (_, budget) => (values) => {
    const [list, separator = ""] = values;
    if (!Array.isArray(list) || typeof separator !== "string") return undefined;
    // Before it is made: the parts may be one text many times.
    for (const part of list) if (typeof part === "string") budget.spendForSize(part + separator);
    return undefined;
  },
  replace:
    (_, budget) =>
    ([text, before, after]) => {
      if (typeof text !== "string" || typeof before !== "string" || typeof after !== "string") return undefined;
      budget.spend((text.length / Math.max(1, before.length)) * (after.length / charactersPerStep));
      return undefined;
    },
};

/** Compiling an instruction of a regular expression costs as much as so many steps. */
const stepsPerInstruction = 20;

/** By name; a method may be named like a property of every object, such as `constructor`. */
export const members: ReadonlyMap<string, Member> = new Map(Object.entries(byName));

/** Characters of a text times those of a pattern that cost as much as one step. */
const charactersPerStep = 32;

function letters(which: RegExp, changed: (letter: string) => string) {
  return ([text]: readonly unknown[]) => (typeof text === "string" ? text.replaceAll(which, changed) : undefined);
}

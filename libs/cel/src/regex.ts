import { RE2JS, RE2JSException } from "re2js";
import { wrong } from "./wrong.ts";

/** Says whether a text holds what a regular expression describes, in time that grows with the lengths of both alone. */
export type Pattern = (text: string) => boolean;

/** About the instructions of the compiled program: RE2 writes out what is repeated a number of times. Some 50 ms. */
const maxProgram = 20_000;

/**
 * Reads a regular expression in the syntax of RE2, as all implementations of CEL do.
 *
 * @throws EvaluationError if it is invalid or too large
 */
export function patternOf(regex: string): Pattern {
  if (programSize(regex) > maxProgram) throw wrong("regular_expression_too_large");
  try {
    const compiled = RE2JS.compile(regex);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    throw error instanceof RE2JSException ? wrong("invalid_regular_expression") : error;
  }
}

/** An upper bound but for what is repeated within something repeated, which RE2 itself limits to 1000 times. */
export function programSize(regex: string): number {
  const counts = Array.from(regex.matchAll(/\{([0-9]{1,4})(?:,([0-9]{0,4}))?\}/g), ([, least, most]) =>
    Number(most || least),
  );
  return regex.length * counts.reduce((sum, count) => sum + count, 1);
}

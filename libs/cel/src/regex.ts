import { maxProgramSize, programSize } from "@leat/text";
import { RE2JS, RE2JSException } from "re2js";
import { wrong } from "./wrong.ts";

/** Says whether a text holds what a regular expression describes, in time that grows with the lengths of both alone. */
export type Pattern = (text: string) => boolean;

/**
 * Reads a regular expression in the syntax of RE2, as all implementations of CEL do.
 *
 * @throws EvaluationError if it is invalid or too large
 */
export function patternOf(regex: string): Pattern {
  if (programSize(regex) > maxProgramSize) throw wrong("regular_expression_too_large");
  try {
    const compiled = RE2JS.compile(regex);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    throw error instanceof RE2JSException ? wrong("invalid_regular_expression") : error;
  }
}

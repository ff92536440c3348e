import { EvaluationError, ParseError, TypeError as TypeFault } from "@marcbachmann/cel-js";

/** The type of an expression is no boolean. */
export class NoBoolean extends Error {}

export const tooExpensiveFault = "it exceeds the step limit: loop over less, or compare less";

/** What is wrong with an expression, and where. */
export function faultOfSource(error: unknown, text: string): string {
  if (error instanceof NoBoolean) return error.message;
  if (error instanceof ParseError || error instanceof TypeFault) return `${placeOf(error, text)}${error.summary}`;
  if (error instanceof EvaluationError) return `${placeOf(error, text)}${wordsOf(error)}`;
  if (error instanceof RangeError) return "it is nested too deeply";
  throw error;
}

/**
 * Why an expression gives nothing. Only what the expression says itself is told: the library's own messages show values,
 * which may be those of a Secret.
 */
export function faultOfEvaluation(error: unknown, text: string): string {
  if (!(error instanceof EvaluationError)) return "it cannot be evaluated";
  const range = rangeOf(error);
  const what = range === undefined ? "" : `: ${excerpt(text.slice(range.start, range.end))}`;
  return `${placeOf(error, text)}${wordsOf(error)}${what}`;
}

const longestExcerpt = 80;

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > longestExcerpt ? `${line.slice(0, longestExcerpt)}…` : line;
}

/** Codes of errors are words. */
function wordsOf({ code }: EvaluationError): string {
  return code.replaceAll("_", " ");
}

interface Placed {
  node?: { range?: SourceRange };
  range?: SourceRange;
}

interface SourceRange {
  start: number;
  end: number;
}

/** Of the whole expression that is at fault; its own range begins at its operator. */
function rangeOf({ node, range }: Placed): SourceRange | undefined {
  return node?.range ?? range;
}

/** `line:column: `, counted from one. */
function placeOf(error: Placed, text: string): string {
  const range = rangeOf(error);
  if (range === undefined) return "";
  const before = text.slice(0, range.start).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}: `;
}

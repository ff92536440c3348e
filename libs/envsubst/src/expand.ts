import { type Budget, checkLength, createBudget } from "./budget.ts";
import { operations } from "./operators.ts";
import { type Expression, parse, type Part } from "./parse.ts";
import { Rejection } from "./rejection.ts";

/** What was put in the place of one expression. */
export interface Expansion {
  /** Of the expression and of those within it. */
  variables: readonly string[];
  text: string;
}

export type Expanded =
  | { kind: "expanded"; text: string; expansions: readonly Expansion[] }
  /** For a person. Names a variable; quotes neither the text nor a value. */
  | { kind: "rejected"; message: string };

/**
 * Puts values in the place of `${variable}` and of the expressions that shells know: length, case, substring, removal and
 * replacement of a pattern, defaults.
 *
 * @param valueOf `undefined` where there is no such variable: an expression without a default is then rejected; `null` where
 *   nobody can tell: an expression stays as it is written
 * @throws LimitExceeded
 */
export function expand(text: string, valueOf: ValueOf, budget = createBudget().forText()): Expanded {
  const evaluation: Evaluation = { valueOf, budget };
  const expansions: Expansion[] = [];
  const pieces: string[] = [];
  let length = 0;
  try {
    for (const part of parse(text, budget)) {
      const piece = typeof part === "string" ? part : evaluate(evaluation, part);
      if (typeof part !== "string") expansions.push({ variables: variablesOf(part), text: piece });
      length += piece.length;
      checkLength(length);
      pieces.push(piece);
    }
    return { kind: "expanded", text: pieces.join(""), expansions };
  } catch (error) {
    if (error instanceof Rejection) return { kind: "rejected", message: error.message };
    throw error;
  }
}

type ValueOf = (variable: string) => string | undefined | null;

interface Evaluation {
  valueOf: ValueOf;
  budget: Budget;
}

/** Operands are evaluated also where they turn out not to be needed: what is wrong in a default is always found. */
function evaluate(evaluation: Evaluation, { variable, operator, operands, text }: Expression): string {
  const texts = operands.map((operand) => (typeof operand === "string" ? operand : evaluate(evaluation, operand)));
  const value = evaluation.valueOf(variable);
  if (value === null) return text;
  if (value === undefined && operator !== "default") throw new Rejection(notSet(variable));
  evaluation.budget.spend((value ?? "").length * timesRead(operator, texts));
  const result = operations[operator](value ?? "", texts, variable);
  evaluation.budget.spend(result.length);
  return result;
}

/** How much work a character of a value is to an operator. */
function timesRead(operator: Expression["operator"], [pattern = ""]: readonly string[]): number {
  if (operator === "" || operator === "default") return 0;
  if (operator.startsWith("#") || operator.startsWith("%")) return 1 + pattern.length;
  return operator.startsWith("^") || operator.startsWith(",") ? 4 : 2;
}

function notSet(variable: string): string {
  return `variable ${variable} is not set: set it, add a default such as \${${variable}:=default}, or write $\${${variable}} for literal text`;
}

function variablesOf(part: Part): string[] {
  return typeof part === "string" ? [] : [part.variable, ...part.operands.flatMap(variablesOf)];
}

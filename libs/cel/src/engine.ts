import type { Environment, ParseResult } from "@marcbachmann/cel-js";
import { type Budget, createBudget } from "./budget.ts";
import type { Compilation, CompileOptions, Evaluation, Expression } from "./compile.ts";
import { environmentWith } from "./environment.ts";
import { faultOfEvaluation, faultOfSource, NoBoolean, tooExpensiveFault } from "./faults.ts";
import { guard } from "./guard.ts";
import { jsonView } from "./json-view.ts";
import type { Work } from "./work.ts";

const mostCharacters = 10_000;

/** Compiling costs as many steps for each expression and character: 10,000 characters take some 10 ms. */
const stepsPerExpression = 5_000;
const stepsPerCharacter = 50;

/** @throws LimitExceeded */
export function compile(text: string, { variables, work }: CompileOptions & { work: Work }): Compilation {
  if (text.trim() === "") return { kind: "invalid", message: "it is empty" };
  if (text.length > mostCharacters) {
    return { kind: "invalid", message: `it has ${text.length} characters, the limit is ${mostCharacters}` };
  }
  work.spend(stepsPerExpression + stepsPerCharacter * text.length);
  try {
    return { kind: "compiled", expression: expressionOf(text, environmentWith(variables), work) };
  } catch (error) {
    return { kind: "invalid", message: faultOfSource(error, text) };
  }
}

/** @throws ParseError, TypeError or EvaluationError of the library */
function expressionOf(text: string, environment: Environment, work: Work): Expression {
  const program = environment.parse(text);
  const { error, type = "dyn" } = program.check();
  if (error !== undefined) throw error;
  if (type !== "bool" && !type.startsWith("dyn")) throw new NoBoolean(`it returns ${type}, expected bool`);
  const budget = createBudget();
  guard(program, budget);
  return {
    evaluate: (variables) => {
      const evaluation = evaluate(text, program, { budget, variables });
      work.spend(budget.spent());
      return evaluation;
    },
  };
}

function evaluate(
  text: string,
  program: ParseResult,
  { budget, variables }: { budget: Budget; variables: Readonly<Record<string, unknown>> },
): Evaluation {
  const context = new Map(Object.entries(variables).map(([name, value]) => [name, jsonView(value)]));
  budget.refill();
  try {
    const value: unknown = program(context);
    // CEL lets an alternative make up for an error; for this one nothing does.
    if (budget.isSpent()) return { kind: "failed", message: tooExpensiveFault };
    if (typeof value !== "boolean") return { kind: "failed", message: "it does not return a boolean" };
    return { kind: "value", value };
  } catch (error) {
    return { kind: "failed", message: budget.isSpent() ? tooExpensiveFault : faultOfEvaluation(error, text) };
  }
}

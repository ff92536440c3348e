import { createWork, type Work } from "./work.ts";

/** An expression that is true or false of the variables it is given. */
export interface Expression {
  /**
   * @param variables plain JSON; what they hold is read where the expression asks for it
   * @throws LimitExceeded if the run has no work left
   */
  evaluate: (variables: Readonly<Record<string, unknown>>) => Evaluation;
}

export type Evaluation =
  | { kind: "value"; value: boolean }
  /** The message names the place in the expression, and nothing of what the variables hold. */
  | { kind: "failed"; message: string };

export type Compilation =
  | { kind: "compiled"; expression: Expression }
  /** The message says what is wrong, and where: `1:14` is line and column. */
  | { kind: "invalid"; message: string };

export interface CompileOptions {
  /** The only variables that the expression may use; any where it is absent. Each holds an object. */
  variables?: readonly string[];
  /** What this expression and others of the run may cost together; on its own by default. */
  work?: Work;
}

/**
 * Reads a CEL expression that gives a boolean. Functions and types are those of Kubernetes' controllers: the standard
 * library with optional types, and the extensions for strings, sets and encoders.
 *
 * @throws LimitExceeded if the run has no work left
 */
export async function compile(
  text: string,
  { work = createWork(new AbortController().signal), ...options }: CompileOptions = {},
): Promise<Compilation> {
  await work.turn();
  // Costs memory, which a controller without any expression keeps.
  const engine = await import("./engine.ts");
  return engine.compile(text, { ...options, work });
}

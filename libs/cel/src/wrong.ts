import { EvaluationError } from "@marcbachmann/cel-js";

/** An error of the evaluation; the library adds the place to it. Its code, in words, is all that is told of it. */
export function wrong(code: string): EvaluationError {
  return new EvaluationError({ code, message: code });
}

import type { Kustomization } from "@leat/api";
import { type CustomReadings, customReadings } from "@leat/apply";
import type { Expression, Work } from "@leat/cel";
import { compileReadiness } from "@leat/deploy";

/** The spec's CEL expressions, ready to be asked. */
export interface Expressions {
  /** How to read the health of kinds; `undefined` where there are no `healthCheckExprs`. */
  readings: CustomReadings | undefined;
  /** Each `readyExpr`, by the place of its dependency in the list. */
  readiness: ReadonlyMap<number, Expression>;
}

export type ExpressionsOf =
  | { kind: "compiled"; expressions: Expressions }
  /** The message begins with the path of the field. */
  | { kind: "invalid"; message: string };

/** @throws LimitExceeded */
export async function expressionsOf(
  { healthCheckExprs = [], dependsOn = [] }: Kustomization["spec"],
  work: Work,
): Promise<ExpressionsOf> {
  const health = healthCheckExprs.length === 0 ? undefined : await customReadings(healthCheckExprs, work);
  if (health?.kind === "invalid") return { kind: "invalid", message: `spec.healthCheckExprs${health.message}` };
  const readiness = await compileReadiness(dependsOn, work);
  if (readiness.kind === "invalid") return readiness;
  return { kind: "compiled", expressions: { readings: health?.readings, readiness: readiness.expressions } };
}

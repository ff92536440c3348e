/**
 * Why an object runs, the most urgent first: what a person or a new revision asked for goes before what the clock asked
 * for. Of two causes for one object the more urgent stays.
 */
export const causes = [
  "deletion",
  "spec",
  "request",
  "source",
  "config",
  "drift",
  "dependency",
  "health",
  "created",
  "retry",
  "interval",
] as const;

export type Cause = (typeof causes)[number];

export function moreUrgent(a: Cause, b: Cause): Cause {
  return causes.indexOf(a) <= causes.indexOf(b) ? a : b;
}

/** Whether a run that is under way is out of date once this has happened. */
export function overtakes(cause: Cause): boolean {
  return cause === "deletion" || cause === "spec" || cause === "request";
}

/**
 * Why an object runs, the most urgent first: what a person or a new revision asked for goes before what the clock asked
 * for. Of two triggers for one object the more urgent stays.
 */
export const triggers = [
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

export type Trigger = (typeof triggers)[number];

export function moreUrgent(a: Trigger, b: Trigger): Trigger {
  return triggers.indexOf(a) <= triggers.indexOf(b) ? a : b;
}

/** Whether a run that is under way is out of date once this has happened. */
export function overtakes(trigger: Trigger): boolean {
  return trigger === "deletion" || trigger === "spec" || trigger === "request";
}

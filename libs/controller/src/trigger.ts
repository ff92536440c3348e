/**
 * Why an object runs, the most urgent first: what a person or a new revision asked for goes before what the clock asked
 * for. Of two triggers for one object the more urgent stays.
 *
 * - `deletion`, `spec`, `request`: the object is deleted, its generation has changed, its `requestedAt` has changed
 * - `revision`: something that it refers to has another revision than before
 * - `source`: something that it refers to has appeared, has gone, or has the same revision again after it was lost
 */
export const triggers = [
  "deletion",
  "spec",
  "request",
  "revision",
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

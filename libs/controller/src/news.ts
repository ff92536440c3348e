import type { Condition, KubeObject } from "@leat/api";
import type { StatusBefore } from "./conclude.ts";
import type { EventSpec } from "./event-spec.ts";
import type { Outcome } from "./outcome.ts";

/**
 * The events of an outcome. All but success is an event only where Ready was not the same before the run.
 *
 * @param before the object as it was when the run began
 */
export function newsOf(before: KubeObject, outcome: Outcome<object>): readonly EventSpec[] {
  const { kind, reason, message } = outcome;
  const events =
    outcome.events ?? (kind === "failed" || kind === "stalled" ? [{ type: "Warning" as const, reason, message }] : []);
  if (kind === "ready") return events;
  const ready = readyOf(before);
  const isKnown =
    ready?.reason === reason && ready.message === message && ready.observedGeneration === before.metadata.generation;
  return isKnown ? [] : events;
}

export function readyOf({ status }: KubeObject): Condition | undefined {
  return (status as StatusBefore | undefined)?.conditions?.find(({ type }) => type === "Ready");
}

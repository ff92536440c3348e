import type { Condition, KubeObject } from "@leat/api";
import type { StatusBefore } from "./conclude.ts";
import type { EventSpec } from "./event-spec.ts";
import type { Outcome } from "./outcome.ts";

/**
 * An outcome with what it has to say where it is a success and news.
 *
 * @param before the object as it was when the run began
 */
export function withNews(before: KubeObject, outcome: Outcome<object>): Outcome<object> {
  if (outcome.kind !== "ready" || outcome.ifNews === undefined) return outcome;
  const isNews = outcome.changed || readyOf(before)?.status !== "True";
  if (!isNews) return outcome;
  const { status, events = [] } = outcome.ifNews;
  return { ...outcome, status: { ...outcome.status, ...status }, events: [...(outcome.events ?? []), ...events] };
}

/**
 * The events of an outcome. A failure, or what is waited for, is an event only where Ready was not the same before the run.
 *
 * @param before the object as it was when the run began
 */
export function eventsOf(before: KubeObject, outcome: Outcome<object>): readonly EventSpec[] {
  const { kind, reason, message } = outcome;
  const events =
    outcome.events ?? (kind === "failed" || kind === "stalled" ? [{ type: "Warning" as const, reason, message }] : []);
  if (kind === "ready") return events;
  const ready = readyOf(before);
  const isKnown =
    ready?.reason === reason && ready.message === message && ready.observedGeneration === before.metadata.generation;
  return isKnown ? [] : events;
}

function readyOf({ status }: KubeObject): Condition | undefined {
  return (status as StatusBefore | undefined)?.conditions?.find(({ type }) => type === "Ready");
}

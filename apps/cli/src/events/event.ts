import type { KubeObject } from "@leat/api";
import { age } from "../terminal/age.ts";
import { shortDigests } from "../terminal/short-digests.ts";
import type { Cell } from "../terminal/table.ts";

/** What was told of an object, once or several times. */
export interface EventFacts {
  type: string;
  reason: string;
  message: string;
  /** Group and version of the object's kind. */
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  count: number;
  first: string;
  last: string;
}

interface WireEvent extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  involvedObject?: { apiVersion?: string; kind?: string; namespace?: string; name?: string };
  count?: number;
  series?: { count?: number; lastObservedTime?: string };
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

export function factsOf(object: KubeObject): EventFacts {
  const { type = "", reason = "", message = "", involvedObject = {}, ...event } = object as WireEvent;
  const { apiVersion = "", kind = "", namespace = object.metadata.namespace ?? "", name = "" } = involvedObject;
  return { type, reason, message, apiVersion, kind, namespace, name, ...timesOf(event) };
}

/** Events are written in an older and a newer form. */
function timesOf(event: WireEvent): Pick<EventFacts, "count" | "first" | "last"> {
  const { series, count = 1, firstTimestamp, lastTimestamp, eventTime, metadata } = event;
  const made = eventTime || metadata.creationTimestamp || "";
  return {
    count: series?.count ?? count,
    first: firstTimestamp || made,
    last: series?.lastObservedTime || lastTimestamp || made,
  };
}

/** What was told last comes last, where the eye is. */
export function inOrder(events: readonly EventFacts[]): EventFacts[] {
  return events.toSorted((a, b) => Date.parse(a.last) - Date.parse(b.last));
}

/** Cells of LAST SEEN, TYPE, REASON, OBJECT, MESSAGE. */
export function eventCells({ type, reason, kind, name, message, count, first, last }: EventFacts): Cell[] {
  const seen = count > 1 ? `${age(last)} (x${count} over ${age(first)})` : age(last);
  const text = shortDigests(
    message
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean)
      .join(" "),
  );
  const style = type === "Warning" ? "yellow" : undefined;
  return [seen, { text: type, style }, reason, `${kind.toLowerCase()}/${name}`, text];
}

import { type Condition, Reason } from "@leat/api";
import type { ObjectChange } from "../run/apply-all.ts";
import { linesOf, listingOf, newsIn, subjectIn, textOf } from "./drift-listing.ts";
import type { DriftMode } from "./drift-policy.ts";
import type { ObjectDrift } from "./format-drift.ts";

/** What is reported about drift. */
export interface DriftReport {
  /** The condition `Drifted`; `undefined` when there is none. */
  condition: DriftCondition | undefined;
  events: DriftEvent[];
}

export type DriftCondition = Pick<Condition, "status" | "reason" | "message">;

export interface DriftEvent {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
}

export interface DriftFound {
  mode: DriftMode;
  /** The condition `Drifted` before this run. */
  before: Pick<Condition, "status" | "message"> | undefined;
  changes: readonly ObjectChange[];
  /** Objects whose corrections others keep reverting. */
  contended: readonly ObjectDrift[];
}

/** The condition lists all drift; an event lists only what the condition did not list before. */
export function reportDrift({ mode, before, ...found }: DriftFound): DriftReport {
  const told = before?.status === "True" ? linesOf(before.message, heads) : [];
  switch (mode) {
    case "warn":
      return reportLeft(found, told);
    case "enabled":
      return reportCorrected(found, told);
    case "disabled":
      return { condition: undefined, events: [] };
  }
}

type Found = Pick<DriftFound, "changes" | "contended">;

const leftHead = "Drift detected (not corrected)";
const contentionHead = "Another controller keeps reverting these objects; corrections are backing off";
const sharedHead = "Applied by several owners; remove these objects from all but one of them";
const correctedHead = "Drift corrected";
/** Of the condition. */
const heads = [leftHead, contentionHead, sharedHead];

function reportLeft({ changes }: Found, told: readonly string[]): DriftReport {
  const left = [...driftIn(changes, ["unchanged"]), ...sharedIn(changes)];
  if (left.length === 0) {
    const message = "No drift detected";
    return { condition: { status: "False", reason: Reason.NoDriftDetected, message }, events: [] };
  }
  const listing = listingOf(left);
  const news = newsIn(listing, told);
  return {
    condition: detected(textOf(leftHead, listing)),
    events: news === undefined ? [] : [warning(textOf(leftHead, news))],
  };
}

function reportCorrected({ changes, contended }: Found, told: readonly string[]): DriftReport {
  const events: DriftEvent[] = [];
  const contendedSubjects = new Set(contended.map(({ subject }) => subject));
  const corrected = driftIn(changes, ["created", "configured"]).filter(
    ({ subject }) => !contendedSubjects.has(subject),
  );
  if (corrected.length > 0) {
    const message = textOf(correctedHead, listingOf(corrected));
    events.push({ type: "Normal", reason: Reason.DriftCorrected, message });
  }
  const texts: string[] = [];
  for (const [head, drifts] of [
    [contentionHead, contended],
    [sharedHead, sharedIn(changes)],
  ] as const) {
    if (drifts.length === 0) continue;
    // Times would make each correction a new report.
    const listing = listingOf(drifts, { times: false });
    const news = newsIn(listing, told, subjectIn);
    if (news !== undefined) events.push(warning(textOf(head, news)));
    texts.push(textOf(head, listing));
  }
  return { condition: texts.length > 0 ? detected(texts.join("\n")) : undefined, events };
}

function sharedIn(changes: readonly ObjectChange[]): ObjectDrift[] {
  return changes.flatMap(({ subject, drift }) => (drift?.kind === "shared" ? [{ subject, drift }] : []));
}

function driftIn(changes: readonly ObjectChange[], actions: ReadonlyArray<ObjectChange["action"]>): ObjectDrift[] {
  return changes.flatMap(({ subject, action, drift }) =>
    drift !== undefined && drift.kind !== "shared" && actions.includes(action) ? [{ subject, drift }] : [],
  );
}

function detected(message: string): DriftCondition {
  return { status: "True", reason: Reason.DriftDetected, message };
}

function warning(message: string): DriftEvent {
  return { type: "Warning", reason: Reason.DriftDetected, message };
}

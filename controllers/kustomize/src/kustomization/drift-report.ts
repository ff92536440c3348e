import { ConditionType, type Kustomization, Reason } from "@leat/api";
import type { ObjectChange, ObjectDrift } from "@leat/apply";
import type { ConditionUpdate, EventSpec } from "@leat/controller";
import { listingOf, newsIn, subjectIn, textOf } from "./drift-listing.ts";

/** What is told of what others have changed. */
export interface DriftReport {
  /** `undefined` where there is nothing to say. */
  condition: ConditionUpdate | undefined;
  events: EventSpec[];
}

export interface DriftFound {
  changes: readonly ObjectChange[];
  /** What others change back again and again. */
  fights: readonly ObjectDrift[];
  revision: string;
}

/** The condition tells of all drift that there is, events of each only once: what the condition says already is no news. */
export function reportDrift(object: Kustomization, found: DriftFound): DriftReport {
  const before = object.status.conditions?.find(({ type }) => type === ConditionType.Drifted);
  const told = before?.status === "True" ? before.message : "";
  switch (object.spec.driftDetection?.mode ?? "enabled") {
    case "warn":
      return reportLeft(found, told);
    case "enabled":
      return reportCorrected(found, told);
    case "disabled":
      return { condition: undefined, events: [] };
  }
}

const leftHead = "Others have changed these objects, which are left as they are:";
const fightHead = "Others change these objects back again and again; they are put right with growing pauses:";
const correctedHead = "Put right what others had changed:";

function reportLeft({ changes, revision }: DriftFound, told: string): DriftReport {
  const left = driftIn(changes, ["unchanged"]);
  if (left.length === 0) {
    const message = "All objects are as they are declared";
    return { condition: { status: "False", reason: Reason.NoDriftDetected, message }, events: [] };
  }
  const listing = listingOf(left);
  const news = newsIn(listing, told);
  return {
    condition: detected(textOf(leftHead, listing)),
    events: news === undefined ? [] : [eventOf("Warning", Reason.DriftDetected, textOf(leftHead, news), revision)],
  };
}

function reportCorrected({ changes, fights, revision }: DriftFound, told: string): DriftReport {
  const events: EventSpec[] = [];
  const fought = new Set(fights.map(({ subject }) => subject));
  const corrected = driftIn(changes, ["created", "configured"]).filter(({ subject }) => !fought.has(subject));
  if (corrected.length > 0) {
    events.push(eventOf("Normal", Reason.DriftCorrected, textOf(correctedHead, listingOf(corrected)), revision));
  }
  // Times would make each round of a fight another one.
  const listing = listingOf(fights, { times: false });
  const news = newsIn(listing, told, subjectIn);
  if (news !== undefined) events.push(eventOf("Warning", Reason.DriftDetected, textOf(fightHead, news), revision));
  return { condition: fights.length > 0 ? detected(textOf(fightHead, listing)) : undefined, events };
}

function driftIn(changes: readonly ObjectChange[], actions: ReadonlyArray<ObjectChange["action"]>): ObjectDrift[] {
  return changes.flatMap(({ subject, action, drift }) =>
    drift !== undefined && actions.includes(action) ? [{ subject, drift }] : [],
  );
}

function detected(message: string): ConditionUpdate {
  return { status: "True", reason: Reason.DriftDetected, message };
}

function eventOf(type: EventSpec["type"], reason: string, message: string, revision: string): EventSpec {
  return { type, reason, message, metadata: { revision } };
}

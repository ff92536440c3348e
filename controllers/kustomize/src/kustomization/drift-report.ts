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

function reportLeft({ changes }: DriftFound, told: string): DriftReport {
  const left = driftIn(changes, ["unchanged"]);
  if (left.length === 0) {
    const message = "All objects are as they are declared";
    return { condition: { status: "False", reason: Reason.NoDriftDetected, message }, events: [] };
  }
  const listing = listingOf(left);
  const news = newsIn(listing, told);
  return {
    condition: detected(textOf(leftHead, listing)),
    events: news === undefined ? [] : [warning(textOf(leftHead, news))],
  };
}

function reportCorrected({ changes, fights }: DriftFound, told: string): DriftReport {
  const events: EventSpec[] = [];
  const fought = new Set(fights.map(({ subject }) => subject));
  const corrected = driftIn(changes, ["created", "configured"]).filter(({ subject }) => !fought.has(subject));
  if (corrected.length > 0) {
    const message = textOf(correctedHead, listingOf(corrected));
    events.push({ type: "Normal", reason: Reason.DriftCorrected, message });
  }
  // Times would make each round of a fight another one.
  const listing = listingOf(fights, { times: false });
  const news = newsIn(listing, told, subjectIn);
  if (news !== undefined) events.push(warning(textOf(fightHead, news)));
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

function warning(message: string): EventSpec {
  return { type: "Warning", reason: Reason.DriftDetected, message };
}

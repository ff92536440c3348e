import { isDeepStrictEqual } from "node:util";
import type { Drift } from "../drift/drift.ts";
import { type LastApplied, type LiveObject, type Reviewed, syncStateOf } from "../watch/sync-state.ts";
import { type Review, review } from "./review.ts";
import type { ApplyRun, Item } from "./run.ts";
import { noteTaken } from "./shared-objects.ts";
import { type Before, learn, learnMissing, readLive, type Sent, isSelfDeleting } from "./send.ts";
import { eitherOf, leavesAlone } from "../objects/object-policies.ts";
import type { Lookup } from "../watch/kind-watch.ts";

export type Result = Sent | "skipped";

/** What is to be done with an object. */
export type Decision =
  /** Nothing; `drift` is what others have done to it, and what stays so. */
  | { next: "done"; result: Result; drift?: Drift | undefined }
  /** `drift` is what it corrects; `isValidated`: a dry-run succeeded. */
  | { next: "send"; before: Before | "unsure"; drift?: Drift | undefined; isValidated?: boolean }
  /** First it has to be known how it differs; `live` is what was seen of it. */
  | { next: "review"; live: LiveObject | undefined };

export type Decided = Exclude<Decision, { next: "review" }>;

/** The short way, by what is remembered and what the watch has seen. */
export async function decide(run: ApplyRun, item: Item): Promise<Decision> {
  const { kindWatch, object, policies } = item;
  if (policies.ignored) return leaveAlone(run, item);
  const look = kindWatch.look(object.metadata);
  if (run.drift.mode === "disabled" && isExpectedAsApplied(run, item)) return leaveUnseen(run, item, look);
  if (memoryOf(run, item) === "same" && noteTaken(run, item, look)) return { next: "done", result: "unchanged" };
  return decideByLook(run, item, look);
}

async function decideByLook(run: ApplyRun, item: Item, look: Lookup): Promise<Decision> {
  if (look.kind === "absent" && !item.policies.onlyCreated) {
    return isExpectedAsApplied(run, item) ? { next: "review", live: undefined } : { next: "send", before: "unsure" };
  }
  // Another's object may be looked at only with the rights of who applies: the watch has those of the controller.
  const live = look.kind === "seen" && look.live.owner === run.owner ? look.live : await readLive(run, item);
  if (live === undefined) return decideAbsent(run, item);
  if (isLeftAlone(item, live)) return leaveAlone(run, item, live);
  return decideSeen(run, item, live);
}

/** The long way, for what {@link decide} could not tell. */
export async function decideByReview(run: ApplyRun, item: Item): Promise<Decided> {
  const found = await review(run, item);
  if (found.kind === "gone") return decideAbsent(run, item);
  return isLeftAlone(item, found.live) ? leaveAlone(run, item, found.live) : decideFound(run, item, found);
}

function decideFound(run: ApplyRun, item: Item, found: Exclude<Review, { kind: "gone" }>): Decided {
  const { live } = found;
  const isKept = run.drift.mode !== "enabled";
  const send = { next: "send", before: { kind: "seen", live } } as const;
  switch (found.kind) {
    case "same":
      return isKept || found.isOurs ? keep(run, item, live, found) : { ...send, isValidated: true };
    case "ignored":
      return keep(run, item, live, { isOurs: false });
    case "differs": {
      const { drift, isDeclared } = found;
      const isOthers = isExpectedAsApplied(run, item) || !isDeclared;
      if (isKept && isOthers) return keep(run, item, live, { isOurs: false, drift });
      return { ...send, isValidated: drift.kind !== "rejected", ...(isOthers && { drift }) };
    }
  }
}

/** Unless the source ignores it, its deletion is still looked after, as far as it has the labels that the watch goes by. */
export function leaveAlone(run: ApplyRun, item: Item, live?: LiveObject): Decided {
  if (live?.owner === undefined || item.policies.ignored) item.kindWatch.disown(item.object.metadata, run.owner);
  else learn(run, item, live);
  return { next: "done", result: "skipped" };
}

export function isLeftAlone({ policies }: Item, live: LiveObject): boolean {
  return leavesAlone(eitherOf(policies, live.policies));
}

/** Whether what was last applied is what is declared now: `none` where nothing of that is remembered. */
function memoryOf({ owner, drift }: ApplyRun, { kindWatch, object, digest, ignored }: Item): "same" | "other" | "none" {
  const known = kindWatch.known(object.metadata, owner);
  if (known?.digest === undefined) return "none";
  if (known.digest !== digest) return "other";
  // What is left to others concerns only who would put it right.
  return drift.mode !== "enabled" || isDeepStrictEqual(known.left, ignored) ? "same" : "other";
}

/** Whether a difference, if any, was made by others. */
function isExpectedAsApplied(run: ApplyRun, item: Item): boolean {
  const { drift } = run;
  const memory = memoryOf(run, item);
  return memory === "same" || (memory === "none" && drift.mode !== "enabled" && drift.wasApplied(item));
}

function decideSeen(run: ApplyRun, item: Item, live: LiveObject): Decision {
  const send = { next: "send", before: { kind: "seen", live } } as const;
  const known = item.kindWatch.known(item.object.metadata, run.owner);
  const { mode, wasApplied } = run.drift;
  switch (memoryOf(run, item)) {
    case "other":
      return send;
    case "none":
      return hasApplied(run, live) || (mode === "warn" && wasApplied(item)) ? { next: "review", live } : send;
    case "same":
      if (known === undefined) return send;
      if (isSettled(run, item, known, live)) return { next: "done", result: "unchanged", drift: known.reviewed?.drift };
      return mode === "warn" || isSuspect(known, live) ? { next: "review", live } : send;
  }
}

/** By its labels and managed fields. */
function hasApplied({ owner }: ApplyRun, live: LiveObject): boolean {
  return live.owner === owner && live.ours !== undefined;
}

/** The shortest way: what would be sent is what was sent, and nobody has changed it since, or it was found how. */
function isSettled(run: ApplyRun, item: Item, known: LastApplied, live: LiveObject): boolean {
  const { ambiguous, reported, reviewed, takenBy } = known;
  if (ambiguous || reported || takenBy !== undefined || !(reviewed === undefined || isStillFound(run, item, reviewed)))
    return false;
  const syncState = syncStateOf(known, live, performance.now());
  return syncState === "same" || syncState === "bookkeeping";
}

function isStillFound(run: ApplyRun, item: Item, { ignored, drift }: Reviewed): boolean {
  if (ignored === undefined || ignored !== ignoredOf(run, item)) return false;
  return run.drift.mode === "warn" || (drift === undefined && ignored !== nothing);
}

function isSuspect(known: LastApplied, live: LiveObject): boolean {
  if (known.reported || known.takenBy !== undefined || known.reviewed !== undefined) return true;
  return syncStateOf(known, live, performance.now()) === "drift";
}

function decideAbsent(run: ApplyRun, item: Item): Decided {
  const before = { kind: "absent" } as const;
  if (!isExpectedAsApplied(run, item)) return { next: "send", before };
  // Some objects go by themselves.
  const drift = isSelfDeleting(item.object) ? undefined : ({ kind: "deleted" } as const);
  if (run.drift.mode === "enabled") return { next: "send", before, drift };
  learnMissing(run, item, { ignored: ignoredOf(run, item), drift });
  return { next: "done", result: "unchanged", drift };
}

function leaveUnseen(run: ApplyRun, item: Item, look: Lookup): Decided {
  const live = look.kind === "seen" ? look.live : undefined;
  if (live !== undefined && isLeftAlone(item, live)) return leaveAlone(run, item, live);
  // From now on it is known which change of the source is one.
  if (live !== undefined && memoryOf(run, item) === "none") {
    learn(run, item, live, { ignored: undefined, drift: undefined });
  }
  return { next: "done", result: "unchanged" };
}

function keep(
  run: ApplyRun,
  item: Item,
  live: LiveObject,
  { isOurs, drift }: { isOurs: boolean; drift?: Drift },
): Decided {
  learn(run, item, live, isOurs ? undefined : { ignored: ignoredOf(run, item), drift });
  return { next: "done", result: "unchanged", drift };
}

const nothing = JSON.stringify([]);

function ignoredOf({ drift }: ApplyRun, { object }: Item): string {
  return JSON.stringify(drift.ignoredIn(object));
}

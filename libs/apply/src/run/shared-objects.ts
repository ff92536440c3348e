import type { Drift } from "../drift/drift.ts";
import type { Lookup } from "../watch/kind-watch.ts";
import type { ApplyRun, Item } from "./run.ts";

/**
 * Whether another owner applies the object too, and keeps it. The one that changed its declaration last does, as the others
 * have nothing new to say: else they would take it from each other for ever.
 *
 * @param item as this owner applied it last
 */
export function noteTaken(run: ApplyRun, { kindWatch, object }: Item, look: Lookup): boolean {
  const owner = look.kind === "seen" ? look.live.owner : undefined;
  if (look.kind !== "seen" || owner === undefined || owner === run.owner) return false;
  const known = kindWatch.known(object.metadata, run.owner);
  const taker = kindWatch.owners(object.metadata).find((other) => other.owner === owner);
  if (known === undefined || taker === undefined) return false;
  const isNews = known.takenBy !== owner;
  known.takenBy = owner;
  known.reported = false;
  known.uid = look.live.uid;
  known.resourceVersion = look.live.resourceVersion;
  // It reports that it shares the object.
  if (isNews) kindWatch.trigger(object.metadata, taker);
  return true;
}

/** Of an object that several owners apply; `undefined` for all others. */
export function sharedDrift({ owner }: ApplyRun, { kindWatch, object }: Item): Drift | undefined {
  const owners = kindWatch.owners(object.metadata);
  if (owners.length < 2) return undefined;
  const keeper = owners.find((known) => known.owner === owner)?.takenBy;
  if (keeper !== undefined) return { kind: "shared", owners: [keeper], isKept: false };
  const losers = owners.filter(({ takenBy }) => takenBy === owner).map((known) => known.owner);
  return losers.length === 0 ? undefined : { kind: "shared", owners: losers, isKept: true };
}

import { isDeepStrictEqual } from "node:util";
import { type Compared, compareWithApplied, isOursOrAbsent, oursIn } from "./comparison.ts";
import { isWithin } from "../fields/differences.ts";
import { changedDrift, type Drift, rejectedDrift } from "../drift/drift.ts";
import { type LiveObject, liveOf } from "../watch/sync-state.ts";
import type { ApplyRun, Item } from "./run.ts";

/** How an object differs from its declaration, by a server-side apply with dry-run. */
export type Review =
  | { kind: "gone" }
  /** `isOurs`: to apply it would change nothing at all, not even whose the fields are. */
  | { kind: "same"; live: LiveObject; isOurs: boolean }
  /** What differs is left to others. */
  | { kind: "ignored"; live: LiveObject }
  /** `isDeclared`: as far as the object tells, the difference may come from a change of what is declared. */
  | { kind: "differs"; live: LiveObject; drift: Drift; isDeclared: boolean };

/**
 * Compares what is in the cluster with what an apply would make of it. Changes nothing.
 *
 * @throws Rejection where the acting identity may not read it
 */
export async function review(run: ApplyRun, item: Item): Promise<Review> {
  const found = await compareWithApplied(run, item);
  switch (found.kind) {
    case "absent":
      return { kind: "gone" };
    case "rejected": {
      const { current, rejection } = found;
      const drift = rejectedDrift(rejection.cause);
      return { kind: "differs", live: liveOf(run.rules, current), drift, isDeclared: !run.drift.wasApplied(item) };
    }
    case "compared":
      return judge(run, item, found);
  }
}

function judge({ rules, drift }: ApplyRun, { object }: Item, { current, applied, paths }: Compared): Review {
  const live = liveOf(rules, current);
  const ignored = drift.ignoredIn(object);
  const counted = paths.filter((path) => !isWithin(path, ignored));
  if (counted.length > 0) {
    const isDeclared = counted.some((path) => isOursOrAbsent(rules, current, path));
    return { kind: "differs", live, drift: changedDrift(rules.fieldManager, current, counted), isDeclared };
  }
  if (paths.length > 0) return { kind: "ignored", live };
  return {
    kind: "same",
    live,
    isOurs: !live.needsTakeover && isDeepStrictEqual(oursIn(rules, current), oursIn(rules, applied)),
  };
}

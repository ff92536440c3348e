import { hash } from "node:crypto";
import type { ApplyOutcome, ObjectChange } from "./apply-all.ts";
import type { DriftMode } from "../drift/drift-policy.ts";
import type { Drift } from "../drift/drift.ts";
import type { Remembered } from "../health/health.ts";
import type { CustomReadings } from "../health/kstatus/custom-readings.ts";
import type { KindWatches } from "../watch/kind-watches.ts";

/** What is remembered of one owner between its runs. */
export interface OwnerMemory {
  /** What statuses have said, by `targetKey`. */
  readings: Map<string, Remembered>;
  /** Id of the custom readings that have said it; empty for none. */
  readBy: string;
  /** Ids of the objects that the last run left alone, or left deleted: their health is nobody's business. */
  skipped: ReadonlySet<string>;
  drift: DriftMode;
  /** Objects whose corrections others keep reverting, by subject. */
  contended: Map<string, Drift>;
  /** Digest of the ids that were applied last. */
  declared: string;
}

export interface OwnerMemories {
  of: (owner: string) => OwnerMemory;
  forget: (owner: string) => void;
}

export function createOwnerMemories(): OwnerMemories {
  const owners = new Map<string, OwnerMemory>();
  return {
    of: (owner) => {
      const memory = owners.get(owner) ?? newMemory();
      owners.set(owner, memory);
      return memory;
    },
    forget: (owner) => {
      owners.delete(owner);
    },
  };
}

function newMemory(): OwnerMemory {
  return { readings: new Map(), readBy: "", skipped: new Set(), drift: "enabled", contended: new Map(), declared: "" };
}

/** Takes note of a whole apply. What its owner no longer declares, pruned or not, is no longer looked after. */
export function rememberApplied(
  memory: OwnerMemory,
  { owner, kindWatches, outcome }: { owner: string; kindWatches: KindWatches; outcome: ApplyOutcome },
): void {
  if (outcome.kind === "rejected") return;
  const ids = outcome.inventory.map(({ id }) => id);
  memory.skipped = new Set(ids.filter((_, index) => isLeft(outcome.changes[index])));
  const declared = hash("sha1", ids.join(" "), "base64url");
  if (memory.declared === declared) return;
  memory.declared = declared;
  kindWatches.keep(owner, new Set(ids));
}

/** What statuses have said, read in this way: what was read in another is forgotten. */
export function readingsBy(custom: CustomReadings | undefined, memory: OwnerMemory): OwnerMemory["readings"] {
  const readBy = custom?.id ?? "";
  if (memory.readBy !== readBy) memory.readings.clear();
  memory.readBy = readBy;
  return memory.readings;
}

/** An object whose drift is corrected with a backoff is contended until it stays unchanged. */
export function noteContention(
  contended: Map<string, Drift>,
  changes: readonly ObjectChange[],
  isHeldBack: (subject: string) => boolean,
): void {
  for (const { subject, action, drift } of changes) {
    if (drift !== undefined && drift.kind !== "shared" && action !== "unchanged") contended.set(subject, drift);
  }
  for (const subject of contended.keys()) if (!isHeldBack(subject)) contended.delete(subject);
}

function isLeft(change: ObjectChange | undefined): boolean {
  return change?.action === "skipped" || (change?.action === "unchanged" && change.drift?.kind === "deleted");
}

import { diffInventory, type InventoryEntry, type ObjectChange } from "@leat/apply";
import type { Attempt, Target } from "./attempt.ts";
import { emitChanges } from "./changes.ts";
import { inventoryOf } from "./inventory.ts";

export interface Pruned {
  deleted: readonly ObjectChange[];
  /** Why objects could not be deleted. */
  failures: readonly string[];
  /** What is in the cluster now: what was applied, and what could not be deleted yet. */
  inventory: InventoryEntry[];
}

/** Deletes what was applied before and is no longer declared. */
export async function prune(
  { applier, as, signal }: Target,
  { object, owner, run }: Attempt,
  applied: InventoryEntry[],
): Promise<Pruned> {
  const stale = diffInventory([...inventoryOf(object)], applied);
  if (!object.spec.prune || stale.length === 0) return { deleted: [], failures: [], inventory: applied };
  const { deleted, kept, handedOver, failed } = await applier.prune({ owner, entries: stale, as }, signal);
  emitChanges(run, [...deleted, ...kept]);
  return {
    deleted,
    failures: failed.map(({ message }) => message),
    inventory: [...applied, ...[...handedOver, ...failed].map(({ entry }) => entry)],
  };
}

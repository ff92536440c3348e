import { Kustomization } from "@leat/api";
import { type ApplyOutcome, diffInventory, type InventoryEntry, type ObjectChange } from "@leat/apply";
import type { Attempt, Target, World } from "./attempt.ts";
import { emitChanges, isChange } from "./changes.ts";
import { inventoryOf } from "./inventory.ts";

export interface Pruned {
  deleted: readonly ObjectChange[];
  /** Why objects could not be deleted. */
  failures: readonly string[];
  /** What is in the cluster now: what was applied, and what could not be deleted yet. */
  inventory: InventoryEntry[];
}

/** Deletes what was applied before and is no longer declared, once no other Kustomization can take it over. */
export async function prune(
  { siblings }: Pick<World, "siblings">,
  { applier, as, signal }: Target,
  { object, owner, run, artifact }: Attempt,
  { inventory: applied, changes }: Pick<ApplyOutcome, "inventory" | "changes">,
): Promise<Pruned> {
  const stale = diffInventory([...inventoryOf(object)], applied);
  if (!object.spec.prune || stale.length === 0) return { deleted: [], failures: [], inventory: applied };
  if (siblings.isAwaiting(object, artifact, changes.some(isKustomization))) {
    run.log.info("objects are pruned after the other Kustomizations of the source are reconciled", {
      count: stale.length,
    });
    return { deleted: [], failures: [], inventory: [...applied, ...stale] };
  }
  const { deleted, kept, handedOver, failed } = await applier.prune({ owner, entries: stale, as }, signal);
  emitChanges(run, [...deleted, ...kept]);
  return {
    deleted,
    failures: failed.map(({ message }) => message),
    inventory: [...applied, ...[...handedOver, ...failed].map(({ entry }) => entry)],
  };
}

function isKustomization(change: ObjectChange): boolean {
  return isChange(change) && change.subject.startsWith(`${Kustomization.kind}/`);
}

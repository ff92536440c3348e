import { type Kustomization, LimitExceeded } from "@leat/api";
import type { InventoryEntry } from "@leat/apply";

export function inventoryOf({ status }: Kustomization): readonly InventoryEntry[] {
  return status.inventory?.entries ?? [];
}

export function withEntries(known: readonly InventoryEntry[], more: readonly InventoryEntry[]): InventoryEntry[] {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...more.filter(({ id }) => !ids.has(id))];
}

/** etcd stores objects up to 1.5 MiB. 128 KiB of it remain for conditions, which are not known yet, and managed fields. */
const maxObjectBytes = 1.375 * 1024 ** 2;

/**
 * Before an apply sends anything: whether the inventory that it needs can be stored. What is known stays in the inventory until it
 * is pruned.
 *
 * @throws LimitExceeded
 */
export function checkInventorySize(object: Kustomization, declared: readonly InventoryEntry[]): void {
  const known = inventoryOf(object);
  const entries = withEntries(known, declared);
  if (entries.length === known.length) return;
  const bytes = Buffer.byteLength(JSON.stringify({ ...object, status: { ...object.status, inventory: { entries } } }));
  if (bytes <= maxObjectBytes) return;
  const size = `${(bytes / 1024 ** 2).toFixed(2)} MiB`;
  throw new LimitExceeded(
    `with an inventory of ${entries.length} objects, this Kustomization takes ${size}`,
    "1.375 MiB; split it into several Kustomizations",
  );
}

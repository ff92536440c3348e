import type { Kustomization } from "@leat/api";
import type { InventoryEntry } from "@leat/apply";

export function inventoryOf({ status }: Kustomization): readonly InventoryEntry[] {
  return status.inventory?.entries ?? [];
}

export function withEntries(known: readonly InventoryEntry[], more: readonly InventoryEntry[]): InventoryEntry[] {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...more.filter(({ id }) => !ids.has(id))];
}

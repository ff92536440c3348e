import type { KubeObject } from "@leat/api";

/** What an object says that it has applied; `undefined` where it keeps no list. */
export function inventoryOf({ status }: KubeObject): ReadonlyArray<{ id: string; v: string }> | undefined {
  const { inventory } = (status ?? {}) as { inventory?: { entries?: Array<{ id: string; v: string }> | null } };
  return inventory?.entries ?? undefined;
}

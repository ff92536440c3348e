import type { IgnoreRule } from "@leat/api";
import { compileIgnoreRules, type IgnoredIn } from "../fields/ignore-rules.ts";
import { entryOf, type InventoryEntry } from "../objects/inventory.ts";
import type { Item } from "../run/run.ts";

/**
 * What becomes of an object that others have changed or deleted, and that is still declared as it was applied.
 *
 * - `enabled`: it is put right.
 * - `warn`: it is told, and left as it is.
 * - `disabled`: nobody looks.
 */
export type DriftMode = "enabled" | "warn" | "disabled";

export interface DriftHandling {
  mode: DriftMode;
  /** Differences in these fields are no drift. */
  ignore?: readonly IgnoreRule[] | undefined;
  /**
   * What is known to have been applied exactly as it is declared now. It counts where nothing is remembered, as after a
   * restart: else nobody could tell what others have changed from what the source has.
   */
  applied?: readonly InventoryEntry[] | undefined;
}

/** {@link DriftHandling}, ready to be asked. */
export interface DriftPolicy {
  mode: DriftMode;
  ignoredIn: IgnoredIn;
  wasApplied: (item: Pick<Item, "object">) => boolean;
}

/** @throws Rejection that names a rule that cannot be read */
export async function driftPolicyOf({ mode, ignore = [], applied = [] }: DriftHandling): Promise<DriftPolicy> {
  const ids = new Set(applied.map(({ id }) => id));
  return {
    mode,
    ignoredIn: await compileIgnoreRules(ignore, "spec.driftDetection.ignore"),
    wasApplied: ({ object }) => ids.size > 0 && ids.has(entryOf(object).id),
  };
}

import type { IgnoreRule } from "@leat/api";
import { compileIgnoreRules, type IgnoredIn } from "../fields/ignore-rules.ts";
import { entryOf, type InventoryEntry } from "../objects/inventory.ts";
import type { Item } from "../run/run.ts";

/**
 * What happens to an object with drift, whose declaration has not changed.
 *
 * - `enabled`: it is corrected.
 * - `warn`: it is reported, and not corrected.
 * - `disabled`: drift is ignored.
 */
export type DriftMode = "enabled" | "warn" | "disabled";

export interface DriftHandling {
  mode: DriftMode;
  /** Differences in these fields are no drift. */
  ignore?: readonly IgnoreRule[] | undefined;
  /**
   * Objects known to be applied exactly as declared. Used without a memory, as after a restart, to distinguish drift from
   * changes of the source.
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

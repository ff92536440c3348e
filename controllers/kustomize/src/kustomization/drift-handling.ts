import type { Kustomization } from "@leat/api";
import type { DriftHandling } from "@leat/apply";
import { wasApplied } from "./history.ts";

/**
 * How drift is handled. If the last reconciliation applied exactly this build, the objects of the inventory are known to be
 * applied as declared.
 */
export function driftHandlingOf({ spec, status }: Kustomization, digest: string): DriftHandling {
  const { mode = "enabled", ignore } = spec.driftDetection ?? {};
  return { mode, ignore, applied: wasApplied(status.history, digest) ? status.inventory?.entries : [] };
}

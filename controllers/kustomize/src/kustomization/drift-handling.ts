import { type Kustomization, Reason } from "@leat/api";
import type { DriftHandling } from "@leat/apply";

/**
 * How drift is handled. If the last reconciliation applied exactly this build, the objects of the inventory are known to be
 * applied as declared.
 */
export function driftHandlingOf({ spec, status }: Kustomization, digest: string): DriftHandling {
  const { mode = "enabled", ignore } = spec.driftDetection ?? {};
  const [last] = status.history ?? [];
  const isSame = last?.digest === digest && applied.has(last.lastReconciledStatus);
  return { mode, ignore, applied: isSame ? status.inventory?.entries : [] };
}

/** How runs end that have applied everything. */
const applied: ReadonlySet<string> = new Set([
  Reason.ReconciliationSucceeded,
  Reason.PruneFailed,
  Reason.HealthCheckFailed,
]);

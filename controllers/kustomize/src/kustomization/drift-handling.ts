import { type Kustomization, Reason } from "@leat/api";
import type { DriftHandling } from "@leat/apply";

/**
 * What becomes of what others have changed. The inventory tells what was applied as it is declared now where the last run that
 * ended had applied exactly this build.
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

import { type Kustomization, Reason } from "@leat/api";
import type { ObjectChange } from "@leat/apply";
import type { KustomizationRun } from "./attempt.ts";

export function isChange({ action }: ObjectChange): boolean {
  return action !== "unchanged" && action !== "skipped";
}

/** Whether the change only undoes what others did, so that the event `DriftCorrected` reports it. */
export function isCorrection({ spec }: Kustomization, change: ObjectChange): boolean {
  const { mode = "enabled" } = spec.driftDetection ?? {};
  const { drift } = change;
  return mode === "enabled" && isChange(change) && drift !== undefined && drift.kind !== "shared";
}

/** The lines of an event: what was done, without declared objects that were left as they were. */
export function changeLines(changes: readonly ObjectChange[]): string {
  return changes
    .filter((change) => isChange(change) || change.reason !== undefined)
    .map(({ subject, action, reason }) => `${subject} ${action}${reason === undefined ? "" : `: ${reason}`}`)
    .join("\n");
}

export function emitChanges(run: Pick<KustomizationRun, "emit">, changes: readonly ObjectChange[]): void {
  const message = changeLines(changes);
  if (message !== "") run.emit({ type: "Normal", reason: Reason.Progressing, message });
}

import { Reason } from "@leat/api";
import type { ObjectChange } from "@leat/apply";
import type { KustomizationRun } from "./attempt.ts";

export function isChange({ action }: ObjectChange): boolean {
  return action !== "unchanged" && action !== "skipped";
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

import { Reason } from "@leat/api";
import type { ObjectChange } from "@leat/apply";
import type { KustomizationRun } from "./attempt.ts";

export function isChange({ action }: ObjectChange): boolean {
  return action !== "unchanged" && action !== "skipped";
}

/** The lines of an event: what was done, without what was left as it was. */
export function changeLines(changes: readonly ObjectChange[]): string {
  return changes
    .filter(isChange)
    .map(({ subject, action }) => `${subject} ${action}`)
    .join("\n");
}

export function emitChanges(run: Pick<KustomizationRun, "emit">, changes: readonly ObjectChange[]): void {
  const message = changeLines(changes);
  if (message !== "") run.emit({ type: "Normal", reason: Reason.Progressing, message });
}

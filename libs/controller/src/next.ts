import type { AnyController, Reconcilable } from "./definition.ts";
import type { Ended } from "./outcome-of.ts";
import type { Trigger } from "./trigger.ts";

/** When the object runs again. */
export type Next = (
  | { kind: "never" }
  | { kind: "interval"; afterMs: number }
  /** `trigger`: `retry` where it is absent. */
  | { kind: "after"; afterMs: number; trigger?: Trigger }
  /** `mostMs`: limit of the pause, where the object has one of its own. */
  | { kind: "backoff"; mostMs?: number | undefined }
) & { failed?: boolean };

export function nextOf(
  definition: AnyController,
  object: Reconcilable,
  { outcome, isFault }: Pick<Ended, "outcome" | "isFault">,
): Next {
  const retryMs = definition.retryInterval?.(object);
  switch (outcome.kind) {
    case "ready":
      return { kind: "interval", afterMs: definition.interval(object) };
    case "waiting":
    case "progressing":
      return { kind: "after", afterMs: outcome.retryAfterMs };
    case "failed":
      if (retryMs === undefined || isFault) return { kind: "backoff", mostMs: retryMs, failed: true };
      return { kind: "after", afterMs: retryMs, failed: true };
    case "stalled":
      // A fault is not in the object itself: what it refers to may change without it.
      return isFault
        ? { kind: "interval", afterMs: definition.interval(object), failed: true }
        : { kind: "never", failed: true };
  }
}

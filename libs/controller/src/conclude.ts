import { type Condition, Reason } from "@leat/api";
import type { ConditionUpdate, ConditionUpdates, Outcome } from "./outcome.ts";

/** What of the object's past matters for its new status. */
export interface Before {
  generation: number;
  requestedAt: string | undefined;
  status: StatusBefore;
}

/** The part of a status that all kinds share. */
export interface StatusBefore {
  conditions?: readonly Condition[] | undefined;
  observedGeneration?: number | undefined;
  lastHandledReconcileAt?: string | undefined;
}

const inProgress = "Reconciliation in progress";
const maxMessageBytes = 32_768;

/**
 * The status after a run: the one place where an outcome becomes conditions, for all kinds.
 *
 * | outcome | Ready | Reconciling | Stalled | observedGeneration |
 * |---|---|---|---|---|
 * | ready | True | – | – | moves up |
 * | waiting | False | – | – | stays |
 * | progressing | Unknown | True, Progressing | – | stays |
 * | failed | False | True, ProgressingWithRetry | – | stays |
 * | stalled | False | – | True | moves up |
 */
export function conclude<Status>(before: Before, outcome: Outcome<Status>, now: Date): object {
  const updates: ConditionUpdates = { ...outcome.conditions, ...standardConditions(before, outcome) };
  const final = outcome.kind === "ready" || outcome.kind === "stalled";
  return {
    ...before.status,
    ...outcome.status,
    conditions: mergeConditions(before.status.conditions ?? [], updates, before.generation, now),
    ...(final && { observedGeneration: before.generation }),
    ...(before.requestedAt !== undefined && { lastHandledReconcileAt: before.requestedAt }),
  };
}

/** The status while a run goes on for longer than a second. An object that is Ready for this generation stays so. */
export function announce(before: Before, progress: string, now: Date): object {
  const ready = before.status.conditions?.find(({ type }) => type === "Ready");
  const settled = ready?.status === "True" && ready.observedGeneration === before.generation;
  const updates: ConditionUpdates = {
    Stalled: undefined,
    Reconciling: { status: "True", reason: "Progressing", message: progress },
    ...(!settled && { Ready: { status: "Unknown", reason: "Progressing", message: inProgress } }),
  };
  return {
    ...before.status,
    conditions: mergeConditions(before.status.conditions ?? [], updates, before.generation, now),
  };
}

/**
 * The status of an object that is suspended. A run that this has cut short left it in progress, which it no longer is. One
 * that was ready stays so: the generation that suspends it has been observed.
 */
export function suspend({ generation, status }: Omit<Before, "requestedAt">, now: Date): object {
  const { conditions } = status;
  const find = (wanted: string) => conditions?.find(({ type }) => type === wanted);
  const ready = find("Ready")?.status;
  const seen = { ...status, ...(ready === "True" && { observedGeneration: generation }) };
  if (!conditions || !(find("Reconciling") || ready === "Unknown")) return seen;
  const updates: ConditionUpdates = {
    Reconciling: undefined,
    ...(ready === "Unknown" && {
      Ready: { status: "Unknown", reason: Reason.Suspended, message: "Suspended before the reconciliation has ended" },
    }),
  };
  return { ...seen, conditions: mergeConditions(conditions, updates, generation, now) };
}

function standardConditions<Status>(before: Before, outcome: Outcome<Status>): ConditionUpdates {
  const explanation = { reason: outcome.reason, message: outcome.message };
  switch (outcome.kind) {
    case "ready":
      return { Ready: { status: "True", ...explanation }, Reconciling: undefined, Stalled: undefined };
    case "waiting":
      return { Ready: { status: "False", ...explanation }, Reconciling: undefined, Stalled: undefined };
    case "progressing":
      return {
        Ready: { status: "Unknown", reason: outcome.reason, message: inProgress },
        Reconciling: { status: "True", ...explanation },
        Stalled: undefined,
      };
    case "failed":
      return {
        Ready: { status: "False", ...explanation },
        Reconciling: {
          status: "True",
          reason: "ProgressingWithRetry",
          message: outcome.progress ?? lastProgress(before) ?? outcome.message,
        },
        Stalled: undefined,
      };
    case "stalled":
      return {
        Ready: { status: "False", ...explanation },
        Reconciling: undefined,
        Stalled: { status: "True", ...explanation },
      };
  }
}

function lastProgress({ status }: Before): string | undefined {
  return status.conditions?.find(({ type }) => type === "Reconciling")?.message;
}

/** Conditions of others stay; one that says the same keeps its time. */
function mergeConditions(
  before: readonly Condition[],
  updates: ConditionUpdates,
  generation: number,
  now: Date,
): Condition[] {
  const kept = before.filter(({ type }) => !Object.hasOwn(updates, type));
  const changed = Object.entries(updates).flatMap(([type, update]) => {
    if (update === undefined) return [];
    return [
      conditionOf(type, update, generation, { previous: before.find((condition) => condition.type === type), now }),
    ];
  });
  return [...kept, ...changed].toSorted(inOrder);
}

function conditionOf(
  type: string,
  { status, reason, message }: ConditionUpdate,
  observedGeneration: number,
  { previous, now }: { previous: Condition | undefined; now: Date },
): Condition {
  const text = trimmed(message);
  const same = previous?.status === status && previous.reason === reason && previous.message === text;
  const lastTransitionTime = same ? previous.lastTransitionTime : `${now.toISOString().slice(0, 19)}Z`;
  return { type, status, reason, message: text, observedGeneration, lastTransitionTime };
}

const first = ["Stalled", "Reconciling", "Ready"];

function inOrder(a: Condition, b: Condition): number {
  const rank = ({ type }: Condition) => (first.includes(type) ? first.indexOf(type) : first.length);
  const byGeneration = rank(a) === first.length ? (b.observedGeneration ?? 0) - (a.observedGeneration ?? 0) : 0;
  return rank(a) - rank(b) || byGeneration || (a.type < b.type ? -1 : 1);
}

function trimmed(message: string): string {
  const bytes = Buffer.from(message);
  return bytes.length <= maxMessageBytes ? message : `${bytes.subarray(0, maxMessageBytes - 8).toString()}...`;
}

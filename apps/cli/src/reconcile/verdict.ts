import type { KubeObject } from "@leat/api";
import { conditionOf } from "../cluster/condition-of.ts";

/** What an object says of the run that is waited for. */
export type Verdict =
  | { kind: "ready" }
  | { kind: "failed"; reason: string; message: string }
  /** It goes on, or something else has to come first. */
  | { kind: "open"; message: string };

/**
 * Reads the conditions of an object that was asked to reconcile, or whose spec was changed. Where the run is over and did
 * not succeed, that is a failure, also where the controller is going to try again.
 *
 * @param token what was asked with; without it, the run is meant that has seen the object's newest generation
 */
export function verdictOn(object: KubeObject, token?: string): Verdict {
  const { lastHandledReconcileAt } = statusOf(object);
  const reconciling = conditionOf(object, "Reconciling");
  const goesOn = reconciling?.status === "True" && reconciling.reason !== "ProgressingWithRetry";
  if (token !== undefined && lastHandledReconcileAt !== token) {
    return { kind: "open", message: goesOn ? reconciling.message : "no controller has started to reconcile it" };
  }
  if (goesOn) return { kind: "open", message: reconciling.message };
  return concluded(object);
}

function concluded(object: KubeObject): Verdict {
  const ready = conditionOf(object, "Ready");
  if (ready === undefined || isOutdated(object, ready)) {
    return { kind: "open", message: "its controller has not observed the change yet" };
  }
  const { status, reason, message } = ready;
  if (status === "True") return { kind: "ready" };
  const isFinal = conditionOf(object, "Stalled")?.status === "True";
  // Without either condition, or for a dependency, it is what comes first that is waited for.
  const isRetried = conditionOf(object, "Reconciling")?.status === "True" && reason !== "DependencyNotReady";
  return isFinal || (status === "False" && isRetried)
    ? { kind: "failed", reason, message }
    : { kind: "open", message: `${reason}: ${message}` };
}

/** A condition that names no generation is as old as the status. */
function isOutdated(object: KubeObject, condition: { observedGeneration?: number | undefined }): boolean {
  const { generation } = object.metadata;
  const seen = condition.observedGeneration || statusOf(object).observedGeneration;
  return generation !== undefined && seen !== generation;
}

function statusOf(object: KubeObject): { lastHandledReconcileAt?: string; observedGeneration?: number } {
  return object["status"] ?? {};
}

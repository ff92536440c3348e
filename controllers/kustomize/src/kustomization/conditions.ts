import { ConditionType, type Kustomization, Reason } from "@leat/api";
import type { ConditionUpdate, ConditionUpdates } from "@leat/controller";
import { checksHealth, type HealthResult } from "./health.ts";

/** What a run has found out; what is absent, it has not come to. */
export interface Findings {
  health?: HealthResult | undefined;
  /** `condition` is absent where there is nothing to say of drift. */
  drift?: { condition: ConditionUpdate | undefined };
}

/** The conditions beside Ready, Reconciling and Stalled. What a run has not found out stays as it is, where it is still asked for. */
export function conditionsOf(object: Kustomization, { health, drift }: Findings): ConditionUpdates {
  return {
    ...(!checksHealth(object) && { [ConditionType.Healthy]: undefined }),
    ...(health && { [ConditionType.Healthy]: healthy(health) }),
    ...(drift && { [ConditionType.Drifted]: drift.condition }),
  };
}

function healthy(health: HealthResult): ConditionUpdate {
  switch (health.kind) {
    case "healthy":
      return { status: "True", reason: Reason.Succeeded, message: health.message };
    case "waiting":
      return { status: "Unknown", reason: Reason.Progressing, message: "Running health checks" };
    case "failed":
      return { status: "False", reason: Reason.HealthCheckFailed, message: health.message };
  }
}

import type { Condition, KubeObject } from "@leat/api";

/** What an object says of itself under a type of condition. */
export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** All that an object says of itself. */
export function conditionsOf(object: KubeObject | undefined): readonly Condition[] {
  // A definition that was made a moment ago has `conditions: null`.
  const { conditions } = (object?.["status"] ?? {}) as { conditions?: Condition[] | null };
  return conditions ?? [];
}

import type { Condition, KubeObject } from "@leat/api";

/** What an object says of itself under a type of condition. */
export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  // A definition that was made a moment ago has `conditions: null`.
  const { conditions } = (object?.["status"] ?? {}) as { conditions?: Condition[] | null };
  return conditions?.find((condition) => condition.type === type);
}

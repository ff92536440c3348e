import { ConditionType, type KubeObject, type Kustomization, type KustomizationStatus } from "@leat/api";
import type { ObjectKey } from "@leat/controller";
import type { Change } from "@leat/kube";
import type { References } from "./references.ts";

export interface Dependents {
  references: References;
  /** A Kustomization as it is known now. */
  find: (key: ObjectKey) => KubeObject | undefined;
  wake: (key: ObjectKey) => void;
}

/**
 * Wakes the Kustomizations that depend on an object which has become ready, or ready at another revision. Where they judge
 * it by an expression, any change may be what they wait for.
 */
export function wakeDependents({ before, after }: Change<KubeObject>, { references, find, wake }: Dependents): void {
  if (!after) return;
  const now = readiness(after);
  const isNews = now !== undefined && now !== readiness(before);
  const key = { namespace: after.metadata.namespace ?? "", name: after.metadata.name };
  for (const referrer of references.to(after.kind, key)) {
    if (isNews || judgesByExpression(find(referrer))) wake(referrer);
  }
}

/** What dependents wait for, in one word; `undefined` while the object is not ready. */
function readiness(object: KubeObject | undefined): string | undefined {
  const { conditions, observedGeneration, lastAppliedRevision } = (object?.["status"] ??
    {}) as Partial<KustomizationStatus>;
  const isReady = conditions?.some(({ type, status }) => type === ConditionType.Ready && status === "True");
  return isReady && observedGeneration === object?.metadata.generation
    ? `${observedGeneration} ${lastAppliedRevision}`
    : undefined;
}

function judgesByExpression(referrer: KubeObject | undefined): boolean {
  const { dependsOn = [] } = (referrer?.["spec"] ?? {}) as Partial<Kustomization["spec"]>;
  return dependsOn.some(({ readyExpr }) => readyExpr !== undefined);
}

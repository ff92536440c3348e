import { ConditionType, type KubeObject, Kustomization, type KustomizationStatus } from "@leat/api";
import { type AnyController, defineController, type ObjectKey } from "@leat/controller";
import type { Clusters } from "../clusters/clusters.ts";
import type { References } from "./references.ts";
import { finalizeKustomization } from "./finalize.ts";
import type { World } from "./attempt.ts";
import { reconcileKustomization } from "./reconcile.ts";
import { intervalOf, retryIntervalOf } from "./timing.ts";

export interface ControllerWorld extends World {
  clusters: Pick<Clusters, "open" | "forget">;
  references: References;
  /** Wakes the Kustomizations that depend on one which has become ready, or ready at another revision. */
  wakeDependents: (key: ObjectKey) => void;
}

export function kustomizationController(world: ControllerWorld): AnyController {
  return defineController({
    kind: Kustomization,
    fieldManager: "gotk-kustomize-controller",
    interval: intervalOf,
    retryInterval: retryIntervalOf,
    reconcile: reconcileKustomization(world),
    finalize: finalizeKustomization(world),
    forget: ({ namespace, name }) => {
      world.clusters.forget({ namespace, name });
      world.healthWaits.forget(namespace, name);
    },
    onChange: (change) => {
      world.references.changed(change);
      const { after } = change;
      if (!after || readiness(after) === undefined || readiness(after) === readiness(change.before)) return;
      world.wakeDependents({ namespace: after.metadata.namespace ?? "", name: after.metadata.name });
    },
  });
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

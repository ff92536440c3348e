import { type KubeObject, Kustomization } from "@leat/api";
import { type AnyController, defineController } from "@leat/controller";
import type { Change } from "@leat/kube";
import type { Clusters } from "../clusters/clusters.ts";
import type { References } from "./references.ts";
import { finalizeKustomization } from "./finalize.ts";
import type { World } from "./attempt.ts";
import { reconcileKustomization } from "./reconcile.ts";
import { intervalOf, retryIntervalOf } from "./timing.ts";

export interface ControllerWorld extends World {
  clusters: Pick<Clusters, "open" | "forget">;
  references: References;
  /** Wakes the Kustomizations that the change of one may concern. */
  wakeDependents: (change: Change<KubeObject>) => void;
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
      world.wakeDependents(change);
    },
  });
}

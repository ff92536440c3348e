/**
 * Kustomization: keeps the cluster equal to what one path of a source declares.
 *
 *   observe (source, dependencies)  →  decide (pure)  →  act (fetch, build, apply, prune, check health)
 */
import type { Kustomization } from "@leat/api";
import { createWork } from "@leat/cel";
import { failed, stalled, waiting } from "@leat/controller";
import { unreadyDependency } from "@leat/deploy";
import { type KustomizationOutcome, type KustomizationRun, ownerOf, type World } from "./attempt.ts";
import { decide, type Observed } from "./decide.ts";
import { deploy } from "./deploy.ts";
import { expressionsOf } from "./expressions.ts";
import { revisionsOf } from "./revisions.ts";
import { sameRevision } from "./same-revision.ts";
import { sourceArtifact } from "./source.ts";

export function reconcileKustomization(world: World) {
  return async (object: Kustomization, run: KustomizationRun): Promise<KustomizationOutcome> => {
    const decision = decide(object, await observe(world, object, run.signal), world);
    switch (decision.next) {
      case "stall":
        return stalled(decision.reason, decision.message);
      case "fail":
        return failed(decision.reason, decision.message);
      case "wait":
        return waiting(decision.reason, decision.message, decision.retryAfterMs, { events: decision.events ?? [] });
      case "deploy": {
        const { artifact, expressions } = decision;
        const revisions = revisionsOf(artifact);
        const attempt = { object, run, owner: ownerOf(object), artifact, revisions, expressions };
        const outcome = await deploy(world, attempt);
        if (outcome.kind !== "waiting") world.siblings.reconciled(object, artifact);
        return outcome;
      }
    }
  };
}

type Observing = Pick<World, "sources" | "dependencies" | "additiveReadiness">;

async function observe(world: Observing, object: Kustomization, signal: AbortSignal): Promise<Observed> {
  const work = createWork(signal);
  const compiled = await expressionsOf(object.spec, work);
  const source = await sourceArtifact(object, world.sources);
  if (compiled.kind === "invalid" || source.kind !== "found") return { compiled, source, unready: undefined };
  const readiness = {
    expressions: compiled.expressions.readiness,
    isAdditive: world.additiveReadiness,
    requires: sameRevision(object, source.artifact.revision),
  };
  const unready = await unreadyDependency(object, world.dependencies, readiness, work);
  return { compiled, source, unready };
}

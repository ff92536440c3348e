import { formatDuration, type Kustomization } from "@leat/api";
import { type HealthTarget, waitResult } from "@leat/apply";
import { type Attempt, type Built, stageOf, type Target, type World } from "./attempt.ts";
import { timeoutOf } from "./timing.ts";

/** What the health of the objects means for the run. */
export type HealthResult =
  | { kind: "healthy"; message: string }
  | { kind: "waiting"; retryAfterMs: number }
  | { kind: "failed"; message: string };

/** A waiting Kustomization is enqueued by watches; this is how often it looks by itself. */
const netMs = 10_000;

/** Looks once at what spec.wait or spec.healthChecks name; `undefined` where they name nothing. */
export async function checkHealth(
  { healthWaits, failsFast }: Pick<World, "healthWaits" | "failsFast">,
  { applier, as, signal }: Target,
  attempt: Attempt,
  built: Built,
): Promise<HealthResult | undefined> {
  const { object, owner, run, artifact, expressions } = attempt;
  const objects = healthTargets(object, built);
  if (objects === undefined) return undefined;
  run.progress(stageOf(attempt, "Running health checks"));
  const { since } = healthWaits.begin(object, artifact.revision);
  const health = await applier.health({ owner, objects, readings: expressions.readings, as }, signal);
  const waitedMs = Date.now() - since;
  const result = waitResult(health, { waitedMs, timeoutMs: timeoutOf(object), failsFast });
  if (result.kind === "waiting") return { kind: "waiting", retryAfterMs: Math.min(result.remainingMs, netMs) };
  healthWaits.end(object);
  if (result.kind === "failed") return result;
  return { kind: "healthy", message: `Health check passed in ${formatDuration(waitedMs)}` };
}

export function checksHealth({ spec }: Kustomization): boolean {
  return spec.wait || (spec.healthChecks?.length ?? 0) > 0;
}

function healthTargets(object: Kustomization, built: Built): HealthTarget[] | undefined {
  if (!checksHealth(object)) return undefined;
  const targets = object.spec.wait ? allTargets(built) : namedTargets(object, built);
  const { name, namespace } = object.metadata;
  return targets.filter(
    (target) => !(target.kind === object.kind && target.name === name && target.namespace === namespace),
  );
}

function allTargets({ objects }: Built): HealthTarget[] {
  return objects.map(({ object: { apiVersion, kind, metadata }, secrets }) => {
    const { name, namespace } = metadata;
    return { apiVersion, kind, name, namespace, secrets };
  });
}

function namedTargets({ metadata, spec }: Kustomization, { objects }: Built): HealthTarget[] {
  const secrets = objects.flatMap((built) => built.secrets ?? []);
  return (spec.healthChecks ?? []).map(
    ({ apiVersion = "apps/v1", kind, name, namespace = metadata.namespace }): HealthTarget => ({
      apiVersion,
      kind,
      name,
      namespace,
      secrets,
    }),
  );
}

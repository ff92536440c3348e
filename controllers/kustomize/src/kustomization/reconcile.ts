/**
 * Kustomization: keeps the cluster equal to what one path of a source declares.
 *
 *   observe (source, dependencies)  →  fetch  →  build  →  post-build  →  apply  →  prune  →  health
 */
import { type Artifact, ConditionType, formatDuration, type Kustomization, originRevisionKey, Reason } from "@leat/api";
import { failed, stalled, waiting } from "@leat/controller";
import { artifactOf, unreadyDependency } from "@leat/deploy";
import { apply } from "./apply.ts";
import {
  type Arrived,
  type Attempt,
  type KustomizationOutcome,
  type KustomizationRun,
  revisionsOf,
  type World,
} from "./attempt.ts";
import { build } from "./build.ts";
import { expressionsOf } from "./expressions.ts";
import { sameRevision } from "./same-revision.ts";
import { retryIntervalOf, timeoutOf } from "./timing.ts";

export function reconcileKustomization(world: World) {
  return async (object: Kustomization, run: KustomizationRun): Promise<KustomizationOutcome> => {
    if (object.spec.decryption?.serviceAccountName && !world.permitsAccounts) {
      return stalled(Reason.FeatureGateDisabled, accountsAreOff);
    }
    const compiled = await expressionsOf(object.spec);
    if (compiled.kind === "invalid") return stalled(Reason.InvalidCELExpression, compiled.message);
    const source = await artifactOf(object.spec.sourceRef, object.metadata.namespace, world.sources);
    switch (source.kind) {
      case "denied":
        return stalled(Reason.AccessDenied, source.message);
      case "missing":
        return waiting(Reason.ArtifactFailed, source.message, retryIntervalOf(object));
      case "invalid":
        return failed(Reason.ArtifactFailed, source.message);
      case "noArtifact":
        return waiting(Reason.ArtifactFailed, source.message, world.requeueDependencyMs);
      case "found":
        return deploy(attemptOf({ ...world, ...compiled }, object, run, source.artifact), source.artifact);
    }
  };
}

const accountsAreOff =
  "spec.decryption.serviceAccountName needs the feature gate ObjectLevelWorkloadIdentity: let the controller run with it, or remove the field";

function attemptOf(
  world: World & Pick<Attempt, "expressions">,
  object: Kustomization,
  run: KustomizationRun,
  { revision, metadata }: Artifact,
): Attempt {
  const timeout = formatDuration(timeoutOf(object));
  const stageOf = (what: string) => `${what} for revision ${revision} with a timeout of ${timeout}`;
  const originRevision = metadata?.[originRevisionKey];
  const checksHealth = object.spec.wait || (object.spec.healthChecks?.length ?? 0) > 0;
  run.attribute({
    eventMetadata: revisionsOf({ revision, originRevision }),
    ...(!checksHealth && { conditions: { [ConditionType.Healthy]: undefined } }),
  });
  return { ...world, object, run, revision, originRevision, stageOf };
}

async function deploy(attempt: Attempt, artifact: Artifact): Promise<KustomizationOutcome> {
  const { object, run, revision, dependencies, requeueDependencyMs } = attempt;
  const { expressions, additiveReadiness: isAdditive } = attempt;
  const requires = sameRevision(object, revision);
  const readiness = { expressions: expressions.readiness, isAdditive, requires };
  const unready = await unreadyDependency(object, dependencies, readiness);
  if (unready !== undefined) return waitForDependency(attempt, unready);

  run.progress(attempt.stageOf("Fetching manifests"));
  const opened = await attempt.artifacts.open(artifact, run.signal);
  if (opened.kind === "missing") {
    const message = `the artifact of revision ${revision} is not in the source controller's storage: waiting for it to be made again`;
    return waiting(Reason.ArtifactFailed, message, requeueDependencyMs);
  }
  await using _lease = opened;
  run.attribute({ status: { lastAttemptedRevision: revision } });
  run.progress(attempt.stageOf("Building manifests"));
  const built = await build(attempt, opened.contents);
  switch (built.kind) {
    case "pathMissing":
      // As in Flux, a revision without the path counts as not fetched and not attempted.
      return failed(Reason.ArtifactFailed, built.message, {
        progress: attempt.stageOf("Fetching manifests"),
        status: { lastAttemptedRevision: object.status.lastAttemptedRevision },
      });
    case "refused":
      return failed(Reason.BuildFailed, built.message);
    case "built":
      return await inItsCluster(attempt, async (arrived) => apply(arrived, built));
  }
}

function waitForDependency(attempt: Attempt, why: string): KustomizationOutcome {
  const retry = formatDuration(attempt.requeueDependencyMs);
  const message = `Dependencies do not meet ready condition, retrying in ${retry}`;
  return waiting(Reason.DependencyNotReady, why, attempt.requeueDependencyMs, {
    events: [{ type: "Normal", reason: Reason.DependencyNotReady, message }],
  });
}

/** Does the rest of a run in the cluster that the Kustomization is for. */
async function inItsCluster(
  attempt: Attempt,
  work: (arrived: Arrived) => Promise<KustomizationOutcome>,
): Promise<KustomizationOutcome> {
  const { object, run } = attempt;
  const opened = await attempt.clusters.open(object, run.signal);
  if (opened.kind !== "open") return failed(Reason.ReconciliationFailed, opened.message);
  using cluster = opened;
  const { kube: target, applier, during } = cluster;
  return await during(run.signal, async (signal) => work({ ...attempt, run: { ...run, signal }, target, applier }));
}

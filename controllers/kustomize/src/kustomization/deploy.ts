import { type Artifact, ConditionType, Reason } from "@leat/api";
import { type ObjectChange, reportDrift } from "@leat/apply";
import { failed, waiting } from "@leat/controller";
import { impersonated } from "@leat/deploy";
import type { Build } from "@leat/kustomize";
import { apply } from "./apply.ts";
import { type Attempt, type Built, type KustomizationOutcome, stageOf, type Target, type World } from "./attempt.ts";
import { build, type BuildWorld } from "./build.ts";
import { conclude, concludeRejected } from "./conclude.ts";
import { conditionsOf } from "./conditions.ts";
import { checkHealth } from "./health.ts";
import { prune } from "./prune.ts";

/** fetch  →  build  →  apply  →  prune  →  check health  →  conclude */
export async function deploy(world: World, attempt: Attempt): Promise<KustomizationOutcome> {
  const { object, run, artifact, revisions } = attempt;
  run.attribute({ eventMetadata: revisions, conditions: conditionsOf(object, {}) });
  run.progress(stageOf(attempt, "Fetching manifests"));
  const built = await fetchAndBuild(world, attempt);
  switch (built.kind) {
    case "missing":
      return waitForArtifact(artifact, world.requeueDependencyMs);
    case "pathMissing":
      return failed(Reason.ArtifactFailed, built.message, notAttempted(attempt));
    case "rejected":
      return failed(Reason.BuildFailed, built.message);
    case "built":
      return inItsCluster(world, attempt, async (target) => deployTo(world, target, attempt, built));
  }
}

/** The artifact is not held any longer than the build reads it: until then it takes space that others need. */
async function fetchAndBuild(
  world: Pick<World, "artifacts"> & BuildWorld,
  attempt: Attempt,
): Promise<Build | { kind: "missing" }> {
  const { run, artifact } = attempt;
  const opened = await world.artifacts.open(artifact, run.signal);
  if (opened.kind === "missing") return opened;
  await using _lease = opened;
  run.attribute({ status: { lastAttemptedRevision: artifact.revision } });
  run.progress(stageOf(attempt, "Building manifests"));
  return await build(world, attempt, opened.contents);
}

function waitForArtifact({ revision }: Artifact, retryAfterMs: number): KustomizationOutcome {
  const message = `artifact for revision ${revision} not found in storage; waiting for the source controller to rebuild it`;
  return waiting(Reason.ArtifactFailed, message, retryAfterMs);
}

/** As in Flux, a revision without the path counts as not even fetched. */
function notAttempted(attempt: Attempt) {
  const { lastAttemptedRevision } = attempt.object.status;
  return { progress: stageOf(attempt, "Fetching manifests"), status: { lastAttemptedRevision } };
}

/** Does the rest of a run in the cluster that the Kustomization is for. */
async function inItsCluster(
  { clusters, defaultServiceAccount }: Pick<World, "clusters" | "defaultServiceAccount">,
  { object, run }: Attempt,
  work: (target: Target) => Promise<KustomizationOutcome>,
): Promise<KustomizationOutcome> {
  const opened = await clusters.open(object, run.signal);
  if (opened.kind !== "open") return failed(Reason.ReconciliationFailed, opened.message);
  using cluster = opened;
  const { kube: target, applier, during } = cluster;
  const identity = impersonated(object, { target, defaultServiceAccount });
  return await during(run.signal, async (signal) => work({ applier, ...identity, signal }));
}

async function deployTo(
  world: Pick<World, "healthWaits" | "failsFast" | "siblings">,
  target: Target,
  attempt: Attempt,
  built: Built,
): Promise<KustomizationOutcome> {
  const applied = await apply(target, attempt, built);
  if (applied.kind === "rejected") return concludeRejected(attempt, built, applied);
  const drift = driftAmong(applied.changes, target, attempt);
  const pruned = await prune(world, target, attempt, applied);
  const changes = [...applied.changes, ...pruned.deleted];
  const health = pruned.failures.length === 0 ? await checkHealth(world, target, attempt, built) : undefined;
  return conclude(attempt, { built, drift, changes, pruned, health });
}

/** Emits the events of the drift that was found, and returns its condition. */
function driftAmong(changes: readonly ObjectChange[], { applier }: Target, { object, owner, run }: Attempt) {
  const { condition, events } = reportDrift({
    mode: object.spec.driftDetection?.mode ?? "enabled",
    before: object.status.conditions?.find(({ type }) => type === ConditionType.Drifted),
    changes,
    contended: applier.contended(owner),
  });
  for (const event of events) run.emit(event);
  return { condition };
}

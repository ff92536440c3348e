/**
 * Kustomization: keeps the cluster equal to what one path of a source declares.
 *
 *   observe (source, dependencies)  →  fetch  →  build  →  post-build  →  apply  →  prune  →  health
 */
import { type Artifact, ConditionType, formatDuration, type Kustomization, originRevisionKey, Reason } from "@leat/api";
import type { InventoryEntry } from "@leat/apply";
import { failed, stalled, waiting } from "@leat/controller";
import type { Build, SourceFiles } from "@leat/kustomize";
import {
  type Arrived,
  type Attempt,
  type Built,
  changeLines,
  emitChanges,
  failure,
  type KustomizationOutcome,
  type KustomizationRun,
  type Refused,
  revisionsOf,
  type World,
} from "./attempt.ts";
import { decryptionOf } from "./decrypt.ts";
import { unreadyDependency } from "./dependencies.ts";
import { driftHandlingOf } from "./drift-handling.ts";
import { reportDrift } from "./drift-report.ts";
import { expressionsOf } from "./expressions.ts";
import { finish } from "./finish.ts";
import { withAttempt } from "./history.ts";
import { actingAs } from "./identity.ts";
import { sourceOf } from "./source.ts";
import { retryIntervalOf, timeoutOf } from "./timing.ts";
import { unsupportedField } from "./unsupported.ts";

export function reconcileKustomization(world: World) {
  return async (object: Kustomization, run: KustomizationRun): Promise<KustomizationOutcome> => {
    const unsupported = unsupportedField(object.spec);
    if (unsupported !== undefined) {
      return stalled(
        Reason.UnsupportedField,
        `${unsupported} is not supported by this version of the controller: remove it from the spec`,
      );
    }
    const compiled = await expressionsOf(object.spec);
    if (compiled.kind === "invalid") return stalled(Reason.InvalidCELExpression, compiled.message);
    const source = await sourceOf(object, world.sources);
    switch (source.kind) {
      case "denied":
        return stalled(Reason.AccessDenied, source.message);
      case "missing":
        return waiting(Reason.ArtifactFailed, source.message, retryIntervalOf(object));
      case "unreadable":
        return failed(Reason.ArtifactFailed, source.message);
      case "noArtifact":
        return waiting(Reason.ArtifactFailed, source.message, world.requeueDependencyMs);
      case "found":
        return deploy(attemptOf({ ...world, ...compiled }, object, run, source.artifact), source.artifact);
    }
  };
}

function attemptOf(
  world: World & Pick<Attempt, "expressions">,
  object: Kustomization,
  run: KustomizationRun,
  { revision, metadata }: Artifact,
): Attempt {
  const timeout = formatDuration(timeoutOf(object));
  const stage = (what: string) => run.progress(`${what} for revision ${revision} with a timeout of ${timeout}`);
  return { ...world, object, run, revision, originRevision: metadata?.[originRevisionKey], stage };
}

async function deploy(attempt: Attempt, artifact: Artifact): Promise<KustomizationOutcome> {
  const { object, run, revision, dependencies, requeueDependencyMs } = attempt;
  const { expressions, additiveReadiness: isAdditive } = attempt;
  const unready = await unreadyDependency(object, dependencies, { ...expressions, revision, isAdditive });
  if (unready !== undefined) return waitForDependency(attempt, unready);

  attempt.stage("Fetching manifests");
  const opened = await attempt.artifacts.open(artifact, run.signal);
  if (opened.kind === "missing") {
    const message = `the artifact of revision ${revision} is not in the source controller's storage: waiting for it to be made again`;
    return waiting(Reason.ArtifactFailed, message, requeueDependencyMs);
  }
  await using _lease = opened;
  const build = await buildObjects(attempt, opened.contents);
  switch (build.kind) {
    case "pathMissing":
      attempt.stage("Fetching manifests");
      return failure(attempt, Reason.ArtifactFailed, build.message);
    case "refused":
      return failure(attempt, Reason.BuildFailed, build.message, { status: { lastAttemptedRevision: revision } });
    case "built":
      return await inItsCluster(attempt, async (arrived) => applyBuilt(arrived, build));
  }
}

async function buildObjects(attempt: Attempt, files: SourceFiles): Promise<Build> {
  const { object, run } = attempt;
  attempt.stage("Building manifests");
  const read = await decryptionOf(attempt);
  if (read.kind === "refused") return read;
  const { path = "" } = object.spec;
  const { decryption } = read;
  const build = await attempt.builder.build({ files, path, overlay: object.spec, decryption }, run.signal);
  return build.kind === "built" ? attempt.postBuild(attempt, build) : build;
}

function waitForDependency(attempt: Attempt, why: string): KustomizationOutcome {
  const retry = formatDuration(attempt.requeueDependencyMs);
  const message = `Dependencies do not meet ready condition, retrying in ${retry}`;
  const metadata = revisionsOf(attempt);
  return waiting(Reason.DependencyNotReady, why, attempt.requeueDependencyMs, {
    events: [{ type: "Normal", reason: Reason.DependencyNotReady, message, metadata }],
  });
}

/** Does the rest of a run in the cluster that the Kustomization is for. */
async function inItsCluster(
  attempt: Attempt,
  work: (arrived: Arrived) => Promise<KustomizationOutcome>,
): Promise<KustomizationOutcome> {
  const { object, run, revision } = attempt;
  const opened = await attempt.clusters.open(object, run.signal);
  if (opened.kind !== "open") {
    return failure(attempt, Reason.ReconciliationFailed, opened.message, {
      status: { lastAttemptedRevision: revision },
    });
  }
  using cluster = opened;
  const { kube: target, applier, during } = cluster;
  return await during(run.signal, async (signal) => work({ ...attempt, run: { ...run, signal }, target, applier }));
}

async function applyBuilt(attempt: Arrived, build: Built): Promise<KustomizationOutcome> {
  const { object, run, revision, applier } = attempt;
  attempt.stage("Detecting drift");
  run.signal.throwIfAborted();
  const owner = { name: object.metadata.name, namespace: object.metadata.namespace };
  const outcome = await applier.apply(
    {
      owner,
      objects: build.objects,
      force: object.spec.force,
      drift: driftHandlingOf(object, build.digest),
      ignore: object.spec.ignore,
      timeoutMs: timeoutOf(object),
      ...actingAs(attempt),
      beforeWrite: (entries) => recordBeforeWrite(attempt, entries),
    },
    run.signal,
  );
  if (outcome.kind === "refused") return refuse(attempt, build, outcome);
  emitChanges(attempt, changeLines(outcome.changes));
  const drift = reportDrift(object, { changes: outcome.changes, fights: applier.fights(owner), revision });
  for (const event of drift.events) run.emit(event);
  const concluded = await finish(attempt, build, outcome);
  return { ...concluded, conditions: { ...concluded.conditions, [ConditionType.Drifted]: drift.condition } };
}

/** What earlier stages have applied stays, and stays known. */
function refuse(attempt: Attempt, build: Built, { message, changes, inventory }: Refused): KustomizationOutcome {
  const { object, run, revision } = attempt;
  const reason = Reason.ReconciliationFailed;
  const history = withAttempt(object.status.history, {
    digest: build.digest,
    status: reason,
    revisions: revisionsOf(attempt),
    startedAt: run.startedAt,
  });
  const entries = withEntries(object.status.inventory?.entries ?? [], inventory);
  return failure(attempt, reason, [message, changeLines(changes)].filter(Boolean).join("\n"), {
    status: { lastAttemptedRevision: revision, history, inventory: entries.length > 0 ? { entries } : undefined },
  });
}

/** What is about to be written is in the inventory before it is written, so that nothing applied is ever forgotten. */
async function recordBeforeWrite({ object, run }: Attempt, entries: readonly InventoryEntry[]): Promise<void> {
  const known = object.status.inventory?.entries ?? [];
  const all = withEntries(known, entries);
  if (all.length > known.length) await run.record({ inventory: { entries: all } });
}

function withEntries(known: readonly InventoryEntry[], more: readonly InventoryEntry[]): InventoryEntry[] {
  const ids = new Set(known.map(({ id }) => id));
  return [...known, ...more.filter(({ id }) => !ids.has(id))];
}

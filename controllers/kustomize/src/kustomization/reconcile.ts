/**
 * Kustomization: keeps the cluster equal to what one path of a source declares.
 *
 *   observe (source, dependencies)  →  fetch  →  build  →  apply  →  prune  →  health
 */
import { ConditionType, formatDuration, type Kustomization, type KustomizationStatus, Reason } from "@leat/api";
import type { Applier, ApplyOutcome } from "@leat/apply";
import type { ArtifactCache } from "@leat/artifact";
import { type Facts, failed, type Outcome, type Run, stalled, waiting } from "@leat/controller";
import type { Kube } from "@leat/kube";
import type { Build, Builder } from "@leat/kustomize";
import { type DependencyLookup, unreadyDependency } from "./dependencies.ts";
import { finish } from "./finish.ts";
import type { HealthWaits } from "./health-waits.ts";
import { withAttempt } from "./history.ts";
import { actingAs } from "./identity.ts";
import { type SourceLookup, sourceOf } from "./source.ts";
import { retryIntervalOf, timeoutOf } from "./timing.ts";
import { unsupportedField } from "./unsupported.ts";

/** The outside world, as narrow as this reconciler needs it. */
export interface World {
  kube: Kube;
  sources: SourceLookup;
  dependencies: DependencyLookup;
  artifacts: ArtifactCache;
  builder: Builder;
  applier: Applier;
  healthWaits: HealthWaits;
  defaultServiceAccount: string;
  requeueDependencyMs: number;
}

export type KustomizationRun = Run<KustomizationStatus>;
export type KustomizationOutcome = Outcome<KustomizationStatus>;

/** One run over one object, once its source is there: all that its steps read. */
export interface Attempt extends World {
  object: Kustomization;
  run: KustomizationRun;
  revision: string;
  /** How the stages are told: `<what> for revision R with a timeout of T`. */
  stage: (what: string) => void;
}

export type Built = Build & { kind: "built" };
export type Applied = ApplyOutcome & { kind: "applied" };

export function reconcileKustomization(world: World) {
  return async (object: Kustomization, run: KustomizationRun): Promise<KustomizationOutcome> => {
    const unsupported = unsupportedField(object.spec);
    if (unsupported !== undefined) {
      return stalled(
        Reason.UnsupportedField,
        `${unsupported} is not supported by this version of the controller: remove it from the spec`,
      );
    }
    const source = sourceOf(object, world.sources);
    switch (source.kind) {
      case "denied":
        return stalled(Reason.AccessDenied, source.message);
      case "missing":
        return waiting(Reason.ArtifactFailed, source.message, retryIntervalOf(object));
      case "noArtifact":
        return waiting(Reason.ArtifactFailed, source.message, world.requeueDependencyMs);
      case "found":
        return deploy(attemptOf(world, object, run, source.artifact.revision), source.artifact);
    }
  };
}

function attemptOf(world: World, object: Kustomization, run: KustomizationRun, revision: string): Attempt {
  const timeout = formatDuration(timeoutOf(object));
  const stage = (what: string) => run.progress(`${what} for revision ${revision} with a timeout of ${timeout}`);
  return { ...world, object, run, revision, stage };
}

async function deploy(attempt: Attempt, artifact: Parameters<ArtifactCache["open"]>[0]): Promise<KustomizationOutcome> {
  const { object, run, revision, dependencies, requeueDependencyMs } = attempt;
  const unready = await unreadyDependency(object, revision, dependencies);
  if (unready !== undefined) return waitForDependency(attempt, unready);

  attempt.stage("Fetching manifests");
  const opened = await attempt.artifacts.open(artifact, run.signal);
  if (opened.kind === "missing") {
    const message = `the artifact of revision ${revision} is not in the source controller's storage: waiting for it to be made again`;
    return waiting(Reason.ArtifactFailed, message, requeueDependencyMs);
  }
  await using files = opened;
  const { path = "", targetNamespace } = object.spec;
  const overlay = targetNamespace === undefined ? {} : { targetNamespace };
  attempt.stage("Building manifests");
  const build = await attempt.builder.build({ root: files.directory, path, overlay }, run.signal);
  switch (build.kind) {
    case "pathMissing":
      attempt.stage("Fetching manifests");
      return failure(attempt, Reason.ArtifactFailed, build.message);
    case "refused":
      return failure(attempt, Reason.BuildFailed, build.message, { status: { lastAttemptedRevision: revision } });
    case "built":
      return applyBuilt(attempt, build);
  }
}

function waitForDependency(attempt: Attempt, why: string): KustomizationOutcome {
  const retry = formatDuration(attempt.requeueDependencyMs);
  const message = `Dependencies do not meet ready condition, retrying in ${retry}`;
  const metadata = { revision: attempt.revision };
  return waiting(Reason.DependencyNotReady, why, attempt.requeueDependencyMs, {
    events: [{ type: "Normal", reason: Reason.DependencyNotReady, message, metadata }],
  });
}

async function applyBuilt(attempt: Attempt, build: Built): Promise<KustomizationOutcome> {
  const { object, run, applier, revision } = attempt;
  attempt.stage("Detecting drift");
  run.signal.throwIfAborted();
  const owner = { name: object.metadata.name, namespace: object.metadata.namespace };
  const outcome = await applier.apply(
    {
      owner,
      objects: build.objects,
      force: object.spec.force,
      timeoutMs: timeoutOf(object),
      ...actingAs(attempt),
      beforeWrite: (entries) => recordBeforeWrite(attempt, entries),
    },
    run.signal,
  );
  if (outcome.kind === "refused") {
    const history = withAttempt(object.status.history, {
      digest: build.digest,
      status: Reason.ReconciliationFailed,
      revision,
      startedAt: run.startedAt,
    });
    const changed = changeLines(outcome.changes);
    const message = changed === "" ? outcome.message : `${outcome.message}\n${changed}`;
    return failure(attempt, Reason.ReconciliationFailed, message, {
      status: { lastAttemptedRevision: revision, history },
    });
  }
  emitChanges(attempt, changeLines(outcome.changes));
  return finish(attempt, build, outcome);
}

/** What is about to be written is in the inventory before it is written, so that nothing applied is ever forgotten. */
async function recordBeforeWrite(
  { object, run }: Attempt,
  entries: readonly { id: string; v: string }[],
): Promise<void> {
  const known = object.status.inventory?.entries ?? [];
  const ids = new Set(known.map(({ id }) => id));
  const added = entries.filter(({ id }) => !ids.has(id));
  if (added.length > 0) await run.record({ inventory: { entries: [...known, ...added] } });
}

/** The lines of an event: what was done, without what was left as it was. */
export function changeLines(changes: ReadonlyArray<{ subject: string; action: string }>): string {
  return changes
    .filter(({ action }) => action !== "unchanged" && action !== "skipped")
    .map(({ subject, action }) => `${subject} ${action}`)
    .join("\n");
}

export function emitChanges({ run, revision }: Attempt, message: string): void {
  if (message !== "") run.emit({ type: "Normal", reason: Reason.Progressing, message, metadata: { revision } });
}

export function failure(
  attempt: Attempt,
  reason: string,
  message: string,
  facts: Facts<KustomizationStatus> = {},
): KustomizationOutcome {
  const { object, revision } = attempt;
  const checksHealth = object.spec.wait || (object.spec.healthChecks?.length ?? 0) > 0;
  return failed(reason, message, {
    conditions: checksHealth ? {} : { [ConditionType.Healthy]: undefined },
    events: [{ type: "Warning", reason, message, metadata: { revision } }],
    ...facts,
  });
}

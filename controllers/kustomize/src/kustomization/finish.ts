import { ConditionType, formatDuration, type Kustomization, type KustomizationStatus, Reason } from "@leat/api";
import { diffInventory, type HealthTarget, type InventoryEntry, type ObjectChange, waitResult } from "@leat/apply";
import { type ConditionUpdates, failed, progressing, ready, type StatusUpdate } from "@leat/controller";
import { impersonated } from "@leat/deploy";
import { withAttempt } from "./history.ts";
import {
  type Applied,
  type Arrived,
  type Built,
  changeLines,
  emitChanges,
  type KustomizationOutcome,
  type KustomizationRun,
  revisionsOf,
} from "./attempt.ts";
import { intervalOf, timeoutOf } from "./timing.ts";

/** A waiting run is woken by watches; this is how often it looks by itself. */
const healthNetMs = 10_000;

/** What follows once everything is applied: prune, then health, then Ready. */
export async function finish(attempt: Arrived, build: Built, applied: Applied): Promise<KustomizationOutcome> {
  const pruned = await prune(attempt, applied.inventory);
  const changes = [...applied.changes, ...pruned.deleted];
  const status = { inventory: { entries: pruned.inventory } };
  if (pruned.failed.length > 0) {
    const message = `cannot delete what is no longer declared: ${pruned.failed.join("; ")}`;
    return failed(Reason.PruneFailed, message, {
      status: { ...status, ...historyOf(attempt, build, Reason.PruneFailed) },
    });
  }
  return checkHealth(attempt, { build, changes, status });
}

interface Pruned {
  deleted: ObjectChange[];
  failed: string[];
  /** What is in the cluster now: what was applied, and what could not be deleted. */
  inventory: InventoryEntry[];
}

async function prune(attempt: Arrived, applied: InventoryEntry[]): Promise<Pruned> {
  const { object, applier, run } = attempt;
  const stale = diffInventory(object.status.inventory?.entries ?? [], applied);
  if (!object.spec.prune || stale.length === 0) return { deleted: [], failed: [], inventory: applied };
  const owner = { name: object.metadata.name, namespace: object.metadata.namespace };
  const outcome = await applier.prune({ owner, entries: stale, ...impersonated(attempt.object, attempt) }, run.signal);
  emitChanges(attempt, changeLines(outcome.deleted));
  return {
    deleted: outcome.deleted,
    failed: outcome.failed.map(({ message }) => message),
    inventory: [...applied, ...outcome.failed.map(({ entry }) => entry)],
  };
}

interface Settled {
  build: Built;
  changes: readonly ObjectChange[];
  status: StatusUpdate<KustomizationStatus>;
}

async function checkHealth(attempt: Arrived, settled: Settled): Promise<KustomizationOutcome> {
  const { object, run, revision, applier, healthWaits, failsFast, expressions } = attempt;
  const targets = healthTargets(object, settled.build);
  if (targets === undefined) return succeed(attempt, settled, {});
  run.progress(attempt.stageOf("Running health checks"));
  const owner = { name: object.metadata.name, namespace: object.metadata.namespace };
  const wait = healthWaits.begin(object, revision);
  const { readings } = expressions;
  const health = await applier.health(
    { owner, objects: targets, readings, ...impersonated(attempt.object, attempt) },
    run.signal,
  );
  const waitedMs = Date.now() - wait.since;
  const result = waitResult(health, { waitedMs, timeoutMs: timeoutOf(object), failsFast });
  if (result.kind !== "waiting") healthWaits.end(object);
  switch (result.kind) {
    case "healthy":
      return succeedHealthy(attempt, settled, `Health check passed in ${formatDuration(waitedMs)}`);
    case "waiting":
      return stillWaiting(attempt, settled, result.remainingMs);
    case "failed":
      return unhealthy(attempt, settled, result.message);
  }
}

function stillWaiting({ stageOf }: Arrived, { status }: Settled, remainingMs: number): KustomizationOutcome {
  const stage = stageOf("Running health checks");
  const message = "Running health checks";
  const conditions: ConditionUpdates = {
    [ConditionType.Healthy]: { status: "Unknown", reason: Reason.Progressing, message },
  };
  return progressing(stage, Math.min(remainingMs, healthNetMs), { status, conditions });
}

function unhealthy(attempt: Arrived, { build, status }: Settled, message: string): KustomizationOutcome {
  return failed(Reason.HealthCheckFailed, message, {
    status: { ...status, ...historyOf(attempt, build, Reason.HealthCheckFailed) },
    conditions: { [ConditionType.Healthy]: { status: "False", reason: Reason.HealthCheckFailed, message } },
  });
}

/** `undefined` where nothing is to be checked. */
function healthTargets({ metadata, spec }: Kustomization, build: Built): HealthTarget[] | undefined {
  const isSelf = (target: HealthTarget) =>
    target.kind === "Kustomization" && target.name === metadata.name && target.namespace === metadata.namespace;
  if (spec.wait) {
    const targets = build.objects.map(({ object, secrets }) => {
      const { name, namespace } = object.metadata;
      return { apiVersion: object.apiVersion, kind: object.kind, name, namespace, secrets };
    });
    return targets.filter((target) => !isSelf(target));
  }
  if (!spec.healthChecks?.length) return undefined;
  const secrets = build.objects.flatMap((built) => built.secrets ?? []);
  const named = spec.healthChecks.map(({ apiVersion = "apps/v1", kind, name, namespace = metadata.namespace }) => ({
    apiVersion,
    kind,
    name,
    namespace,
    secrets,
  }));
  return named.filter((target) => !isSelf(target));
}

function succeedHealthy(attempt: Arrived, settled: Settled, message: string): KustomizationOutcome {
  const { object, revision } = attempt;
  const before = object.status.conditions?.find(({ type }) => type === ConditionType.Healthy);
  const isNews =
    before?.status !== "True" || (object.status.lastAppliedRevision !== revision && settled.changes.some(isChange));
  if (isNews) attempt.run.emit({ type: "Normal", reason: Reason.Progressing, message });
  const text = isNews || !before ? message : before.message;
  return succeed(attempt, settled, {
    [ConditionType.Healthy]: { status: "True", reason: Reason.Succeeded, message: text },
  });
}

function succeed(
  attempt: Arrived,
  { build, changes, status }: Settled,
  conditions: ConditionUpdates,
): KustomizationOutcome {
  const { object, run, revision, originRevision } = attempt;
  const next = formatDuration(intervalOf(object));
  const took = formatDuration(Date.now() - run.startedAt.getTime());
  const finished = {
    type: "Normal",
    reason: Reason.ReconciliationSucceeded,
    message: `Reconciliation finished in ${took}, next run in ${next}`,
    metadata: { commit_status: "update" },
  } as const;
  return ready(Reason.ReconciliationSucceeded, `Applied revision: ${revision}`, {
    status: {
      ...status,
      lastAppliedRevision: revision,
      lastAppliedOriginRevision: originRevision,
    },
    conditions,
    changed: isAsked(run) || object.status.lastAppliedRevision !== revision || changes.some(isChange),
    ifNews: { status: historyOf(attempt, build, Reason.ReconciliationSucceeded), events: [finished] },
  });
}

/** Who asks for a run waits for its event, also where it finds everything as it was. */
function isAsked({ trigger }: KustomizationRun): boolean {
  return trigger === "request" || trigger === "spec";
}

function isChange({ action }: ObjectChange): boolean {
  return action !== "unchanged" && action !== "skipped";
}

function historyOf(attempt: Arrived, { digest }: Built, status: string): Pick<KustomizationStatus, "history"> {
  const { object, run } = attempt;
  const revisions = revisionsOf(attempt);
  return {
    history: withAttempt(object.status.history, { digest, status, revisions, startedAt: run.startedAt }),
  };
}

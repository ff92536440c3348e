import { ConditionType, formatDuration, isTrue, type KustomizationStatus, Reason } from "@leat/api";
import type { ObjectChange } from "@leat/apply";
import { type EventSpec, failed, progressing, ready, type SuccessDetails } from "@leat/controller";
import { type Attempt, type Built, type KustomizationOutcome, type Rejected, stageOf } from "./attempt.ts";
import { changeLines, isChange, isCorrection } from "./changes.ts";
import { conditionsOf, type Findings } from "./conditions.ts";
import type { HealthResult } from "./health.ts";
import { withAttempt } from "./history.ts";
import { inventoryOf, withEntries } from "./inventory.ts";
import type { Pruned } from "./prune.ts";
import { intervalOf } from "./timing.ts";

/** What was done in the cluster once everything was applied. */
export interface Deployed {
  built: Built;
  drift: NonNullable<Findings["drift"]>;
  /** What was applied and pruned, unchanged objects too. */
  changes: readonly ObjectChange[];
  pruned: Pick<Pruned, "failures" | "inventory">;
  /** `undefined` where there is nothing to check, or where pruning has failed. */
  health: HealthResult | undefined;
}

export function conclude(attempt: Attempt, deployed: Deployed): KustomizationOutcome {
  const { built, pruned } = deployed;
  const { health, events } = healthNews(attempt, deployed);
  const conditions = conditionsOf(attempt.object, { health, drift: deployed.drift });
  const status = { inventory: { entries: pruned.inventory } };
  const failure = (reason: string, message: string) =>
    failed(reason, message, { status: { ...status, ...historyOf(attempt, built, reason) }, conditions });
  if (pruned.failures.length > 0) {
    return failure(Reason.PruneFailed, `cannot delete what is no longer declared: ${pruned.failures.join("; ")}`);
  }
  switch (health?.kind) {
    case "waiting":
      return progressing(stageOf(attempt, "Running health checks"), health.retryAfterMs, { status, conditions });
    case "failed":
      return failure(Reason.HealthCheckFailed, health.message);
    case "healthy":
    case undefined:
      return succeed(attempt, deployed, { status, conditions, events });
  }
}

/** What earlier stages have applied stays, and stays known. */
export function concludeRejected(attempt: Attempt, built: Built, rejected: Rejected): KustomizationOutcome {
  const reason = Reason.ReconciliationFailed;
  const entries = withEntries(inventoryOf(attempt.object), rejected.inventory);
  const inventory = entries.length > 0 ? { entries } : undefined;
  return failed(reason, [rejected.message, changeLines(rejected.changes)].filter(Boolean).join("\n"), {
    status: { ...historyOf(attempt, built, reason), inventory },
    rejection: rejected.rejection,
  });
}

/** Success is an event and a new message if the objects were not healthy before, or if a new revision changed something. */
function healthNews(
  { object, artifact }: Attempt,
  { health, changes }: Deployed,
): { health: HealthResult | undefined; events: EventSpec[] } {
  if (health?.kind !== "healthy") return { health, events: [] };
  const before = object.status.conditions?.find(({ type }) => type === ConditionType.Healthy);
  const isRolledOut = object.status.lastAppliedRevision !== artifact.revision && changes.some(isChange);
  if (before?.status === "True" && !isRolledOut) return { health: { ...health, message: before.message }, events: [] };
  return { health, events: [{ type: "Normal", reason: Reason.Progressing, message: health.message }] };
}

function succeed(
  attempt: Attempt,
  { built, changes }: Deployed,
  details: SuccessDetails<KustomizationStatus>,
): KustomizationOutcome {
  const { object, run, revisions } = attempt;
  const { revision, originRevision } = revisions;
  // Who asks for a run waits for its event, also where it finds everything as it was.
  const isAsked = run.trigger === "request" || run.trigger === "spec";
  const wasReady = isTrue(object.status.conditions, "Ready");
  const isRoutine = wasReady && !isAsked && built.objects.length > 0 && !changes.some(isChange);
  return ready<KustomizationStatus>(Reason.ReconciliationSucceeded, `Applied revision: ${revision}`, {
    ...details,
    status: { ...details.status, lastAppliedRevision: revision, lastAppliedOriginRevision: originRevision },
    changed: isAsked || object.status.lastAppliedRevision !== revision || changes.some(isChange),
    ifNews: {
      status: historyOf(attempt, built, Reason.ReconciliationSucceeded),
      events: wasReady && onlyCorrects(attempt, changes) ? [] : [{ ...finished(attempt, built), isRoutine }],
    },
  });
}

/** The event of the correction is enough. */
function onlyCorrects({ object, run, revisions }: Attempt, changes: readonly ObjectChange[]): boolean {
  const made = changes.filter(isChange);
  if (run.trigger !== "drift" || object.status.lastAppliedRevision !== revisions.revision) return false;
  return made.length > 0 && made.every((change) => isCorrection(object, change));
}

function finished({ object, run }: Attempt, { objects, isOfEmptyDirectory = false }: Built): EventSpec {
  const next = formatDuration(intervalOf(object));
  const took = formatDuration(Date.now() - run.startedAt.getTime());
  // Such as that of a submodule, which is not fetched.
  const isNothing = objects.length === 0 && isOfEmptyDirectory;
  const nothing = isNothing ? `; the directory ${object.spec.path ?? "./"} is empty` : "";
  const message = `Reconciliation finished in ${took}, next run in ${next}${nothing}`;
  return { type: "Normal", reason: Reason.ReconciliationSucceeded, message, metadata: { commit_status: "update" } };
}

function historyOf({ object, run, revisions }: Attempt, { digest }: Built, status: string) {
  const { history } = object.status;
  return { history: withAttempt(history, { digest, status, revisions, startedAt: run.startedAt }) };
}

import { ConditionType, Reason } from "@leat/api";
import { type InventoryEntry, reportDrift } from "@leat/apply";
import { failed } from "@leat/controller";
import { impersonated } from "@leat/deploy";
import {
  type Arrived,
  type Attempt,
  type Built,
  changeLines,
  emitChanges,
  type KustomizationOutcome,
  type Refused,
  revisionsOf,
} from "./attempt.ts";
import { encryptedAmong } from "./encrypted.ts";
import { driftHandlingOf } from "./drift-handling.ts";
import { finish } from "./finish.ts";
import { withAttempt } from "./history.ts";
import { timeoutOf } from "./timing.ts";

/** Applies what was built, and does what follows. */
export async function apply(attempt: Arrived, build: Built): Promise<KustomizationOutcome> {
  const { object, run, applier } = attempt;
  run.progress(attempt.stageOf("Detecting drift"));
  run.signal.throwIfAborted();
  const encrypted = encryptedAmong(build.objects);
  if (encrypted !== undefined) {
    return refuse(attempt, build, {
      kind: "refused",
      message: encrypted,
      refusal: "Invalid",
      changes: [],
      inventory: [],
    });
  }
  const owner = { name: object.metadata.name, namespace: object.metadata.namespace };
  const outcome = await applier.apply(
    {
      owner,
      objects: build.objects,
      force: object.spec.force,
      drift: driftHandlingOf(object, build.digest),
      ignore: object.spec.ignore,
      timeoutMs: timeoutOf(object),
      ...impersonated(attempt.object, attempt),
      beforeWrite: (entries) => recordBeforeWrite(attempt, entries),
    },
    run.signal,
  );
  if (outcome.kind === "refused") return refuse(attempt, build, outcome);
  emitChanges(attempt, changeLines(outcome.changes));
  const drift = reportDrift({
    mode: object.spec.driftDetection?.mode ?? "enabled",
    before: object.status.conditions?.find(({ type }) => type === ConditionType.Drifted),
    changes: outcome.changes,
    fights: applier.fights(owner),
  });
  for (const event of drift.events) run.emit(event);
  const concluded = await finish(attempt, build, outcome);
  return { ...concluded, conditions: { ...concluded.conditions, [ConditionType.Drifted]: drift.condition } };
}

/** What earlier stages have applied stays, and stays known. */
function refuse(attempt: Attempt, build: Built, outcome: Refused): KustomizationOutcome {
  const { message, refusal, changes, inventory } = outcome;
  const { object, run } = attempt;
  const reason = Reason.ReconciliationFailed;
  const history = withAttempt(object.status.history, {
    digest: build.digest,
    status: reason,
    revisions: revisionsOf(attempt),
    startedAt: run.startedAt,
  });
  const entries = withEntries(object.status.inventory?.entries ?? [], inventory);
  return failed(reason, [message, changeLines(changes)].filter(Boolean).join("\n"), {
    status: { history, inventory: entries.length > 0 ? { entries } : undefined },
    rejection: refusal,
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

import { type ApplyOutcome, entryOf, type InventoryEntry } from "@leat/apply";
import { type Attempt, type Built, stageOf, type Target } from "./attempt.ts";
import { emitChanges, isCorrection } from "./changes.ts";
import { encryptedAmong } from "./encrypted.ts";
import { explainRetyped } from "./retyped.ts";
import { driftHandlingOf } from "./drift-handling.ts";
import { checkInventorySize, inventoryOf, withEntries } from "./inventory.ts";
import { timeoutOf } from "./timing.ts";

export async function apply({ applier, as, signal }: Target, attempt: Attempt, built: Built): Promise<ApplyOutcome> {
  const { object, owner, run } = attempt;
  run.progress(stageOf(attempt, "Detecting drift"));
  signal.throwIfAborted();
  const encrypted = encryptedAmong(built.objects);
  if (encrypted !== undefined) return rejectedFor(encrypted);
  checkInventorySize(
    object,
    built.objects.map(({ object: declared }) => entryOf(declared)),
  );
  const outcome = await applier.apply(
    {
      owner,
      objects: built.objects,
      force: object.spec.force,
      drift: driftHandlingOf(object, built.digest),
      ignore: object.spec.ignore,
      timeoutMs: timeoutOf(object),
      as,
      beforeWrite: (entries) => recordBeforeWrite(attempt, entries),
    },
    signal,
  );
  if (outcome.kind === "rejected") return { ...outcome, message: explainRetyped(outcome.message, built.objects) };
  emitChanges(
    run,
    outcome.changes.filter((change) => !isCorrection(object, change)),
  );
  return outcome;
}

function rejectedFor(message: string): ApplyOutcome {
  return { kind: "rejected", message, rejection: "Invalid", changes: [], inventory: [] };
}

/** What is about to be written is in the inventory before it is written, so that nothing applied is ever forgotten. */
async function recordBeforeWrite({ object, run }: Attempt, entries: readonly InventoryEntry[]): Promise<void> {
  const known = inventoryOf(object);
  const all = withEntries(known, entries);
  if (all.length > known.length) await run.record({ inventory: { entries: all } });
}

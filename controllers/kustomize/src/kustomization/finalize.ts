import { ConditionType, type Kustomization, Reason } from "@leat/api";
import { type Applier, type InventoryEntry, parseEntry, type PruneOutcome, subjectOf } from "@leat/apply";
import type { EventSpec, Finalized } from "@leat/controller";
import { impersonated, type ImpersonationOptions, missingServiceAccount } from "@leat/deploy";
import { type KustomizationRun, ownerOf, type World } from "./attempt.ts";
import { changeLines } from "./changes.ts";
import { inventoryOf } from "./inventory.ts";
import { appliedRevisions } from "./revisions.ts";
import { timeoutOf } from "./timing.ts";

/** The objects' own finalizers may take long; their end is looked for this often. */
const terminationNetMs = 2000;
/** After a failure. */
const retryMs = 5000;

/** Takes away what a deleted Kustomization has applied, as its deletion policy says. */
export function finalizeKustomization(world: Pick<World, "clusters" | "defaultServiceAccount">) {
  return async (object: Kustomization, run: KustomizationRun): Promise<Finalized> => {
    run.attribute({ eventMetadata: appliedRevisions(object.status) ?? {} });
    const entries = inventoryOf(object);
    if (object.spec.suspend || entries.length === 0 || !deletes(object)) return { kind: "done" };
    const opened = await world.clusters.open(object, run.signal);
    switch (opened.kind) {
      case "missing":
        return { kind: "done", events: [warningOf(leftBehind(opened.message, entries))] };
      case "unusable":
        return rejected(opened.message);
      case "open": {
        using cluster = opened;
        const { kube: target, applier, during } = cluster;
        const identity = { target, defaultServiceAccount: world.defaultServiceAccount };
        return await during(run.signal, async (signal) =>
          removeObjects({ object, run, applier, identity, signal }, entries),
        );
      }
    }
  };
}

interface Removing {
  object: Kustomization;
  run: Pick<KustomizationRun, "emit">;
  applier: Applier;
  identity: ImpersonationOptions;
  signal: AbortSignal;
}

async function removeObjects(
  { object, run, applier, identity, signal }: Removing,
  entries: readonly InventoryEntry[],
): Promise<Finalized> {
  const request = { owner: ownerOf(object), entries, ...impersonated(object, identity) };
  const { deleted, kept, handedOver, failed } = await applier.prune(request, signal);
  const account = failed.length === 0 ? undefined : await missingServiceAccount(object, identity, signal);
  if (account !== undefined) {
    const left = failed.map(({ entry }) => entry);
    const why = `ServiceAccount ${account} does not exist`;
    return { kind: "done", events: [warningOf(leftBehind(why, left))] };
  }
  if (failed.length > 0) return rejected(failed.map(({ message }) => message).join("; "));
  const changes = changeLines([...deleted, ...kept]);
  if (changes !== "") run.emit(eventOf(object, changes));
  if (handedOver.length > 0 && !expired(object)) return handingOver(handedOver);
  if (object.spec.deletionPolicy === "WaitForTermination" && !expired(object)) {
    const remaining = await applier.remaining(entries, signal);
    if (remaining.length > 0) return terminating(remaining.length);
  }
  return { kind: "done" };
}

/** Nobody can look after these objects any more: who reads it has to. */
function leftBehind(why: string, entries: readonly InventoryEntry[]): string {
  const objects = entries.map((entry) => {
    const name = parseEntry(entry);
    return name === undefined ? entry.id : subjectOf(name);
  });
  return [`pruning failed, and these objects were left in the cluster: ${why}`, ...objects].join("\n");
}

function deletes({ spec }: Kustomization): boolean {
  switch (spec.deletionPolicy) {
    case "Orphan":
      return false;
    case "Delete":
    case "WaitForTermination":
      return true;
    case "MirrorPrune":
    case undefined:
      return spec.prune;
  }
}

function expired(object: Kustomization): boolean {
  const deletedAt = Date.parse(object.metadata.deletionTimestamp ?? "");
  return Date.now() > deletedAt + timeoutOf(object);
}

function terminating(count: number): Finalized {
  const message = `waiting for ${count} deleted objects to terminate`;
  return { kind: "waiting", reason: Reason.Progressing, message, retryAfterMs: terminationNetMs, events: [] };
}

function handingOver(left: PruneOutcome["handedOver"]): Finalized {
  const heirs = [...new Set(left.map(({ heir }) => heir))].join(", ");
  const message = `waiting for ${heirs} to take over ${left.length} objects that it applies too`;
  return { kind: "waiting", reason: Reason.Progressing, message, retryAfterMs: terminationNetMs, events: [] };
}

function rejected(message: string): Finalized {
  const text = `cannot delete applied objects: ${message}`;
  const events = [warningOf(text)];
  return { kind: "waiting", reason: Reason.PruneFailed, message: text, retryAfterMs: retryMs, events };
}

function warningOf(message: string): EventSpec {
  return { type: "Warning", reason: Reason.PruneFailed, message };
}

function eventOf({ status }: Kustomization, message: string): EventSpec {
  const reason = status.conditions?.find(({ type }) => type === ConditionType.Ready)?.reason ?? Reason.Progressing;
  return { type: "Normal", reason, message };
}

import { ConditionType, type Kustomization, Reason } from "@leat/api";
import type { Applier } from "@leat/apply";
import type { EventFact, Finalized } from "@leat/controller";
import type { Kube } from "@leat/kube";
import { actingAs } from "./identity.ts";
import { changeLines, type KustomizationRun, revisionsOf } from "./attempt.ts";
import { timeoutOf } from "./timing.ts";

export interface FinalizeWorld {
  kube: Kube;
  applier: Applier;
  defaultServiceAccount: string;
}

/** The objects' own finalizers may take long; their end is looked for this often. */
const terminationNetMs = 2000;

/** Takes away what a deleted Kustomization has applied, as its deletion policy says. */
export function finalizeKustomization(world: FinalizeWorld) {
  return async (object: Kustomization, run: KustomizationRun): Promise<Finalized> => {
    const entries = object.status.inventory?.entries ?? [];
    if (object.spec.suspend || entries.length === 0 || !deletes(object)) return { kind: "done" };
    const owner = { name: object.metadata.name, namespace: object.metadata.namespace };
    const acting = actingAs({ ...world, object });
    const { deleted, failed } = await world.applier.prune({ owner, entries, ...acting }, run.signal);
    if (failed.length > 0) return refused(object, failed.map(({ message }) => message).join("; "));
    if (deleted.length > 0) run.emit(eventOf(object, changeLines(deleted)));
    if (object.spec.deletionPolicy === "WaitForTermination" && !expired(object)) {
      const remaining = await world.applier.remaining(entries, run.signal);
      if (remaining.length > 0) return terminating(remaining.length);
    }
    return { kind: "done" };
  };
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

function refused(object: Kustomization, message: string): Finalized {
  const text = `cannot delete what this Kustomization has applied: ${message}`;
  const events: EventFact[] = [{ ...eventOf(object, text), type: "Warning", reason: Reason.PruneFailed }];
  return { kind: "waiting", reason: Reason.PruneFailed, message: text, retryAfterMs: 5000, events };
}

function eventOf({ status }: Kustomization, message: string): EventFact {
  const reason = status.conditions?.find(({ type }) => type === ConditionType.Ready)?.reason ?? Reason.Progressing;
  const { lastAppliedRevision: revision, lastAppliedOriginRevision: originRevision } = status;
  const metadata = revision === undefined ? {} : revisionsOf({ revision, originRevision });
  return { type: "Normal", reason, message, metadata };
}

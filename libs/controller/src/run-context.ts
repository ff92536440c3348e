import { type KubeObject, requestedAtAnnotation } from "@leat/api";
import type { Kube, ObjectRef } from "@leat/kube";
import type { Logger } from "@leat/log";
import type { Before } from "./conclude.ts";
import type { AnyController, ObjectKey, Reconcilable } from "./definition.ts";
import type { Recorder } from "./events.ts";
import type { Outcome } from "./outcome.ts";
import type { RunLedger } from "./run-ledger.ts";
import { type StatusOf, writeStatus } from "./status-writer.ts";

/** All that one run over one object works with. */
export interface RunContext {
  definition: AnyController;
  kube: Kube;
  recorder: Recorder;
  log: Logger;
  /** Milliseconds that no run may exceed. */
  longestRunMs: number;
  ledger: RunLedger;
  key: ObjectKey;
  /** The newest state of the object that is known: seen by the watch, or written by us. */
  latest: () => KubeObject | undefined;
  /** Notes what was written, until the watch shows it. */
  wrote: (object: KubeObject) => void;
  /** Notes how a run has ended. */
  concluded: (outcome: Outcome<object>) => void;
}

/** Writes the status where it differs. `undefined` where the object no longer exists. */
export async function write(
  context: RunContext,
  object: KubeObject,
  statusOf: StatusOf,
): Promise<KubeObject | undefined> {
  const { fieldManager } = context.definition;
  const after = await writeStatus(context.kube, refOf(context), { object, statusOf, fieldManager });
  if (after) context.wrote(after);
  return after;
}

/** @param object as it was when the run began: what the outcome is about */
export function beforeOf(stored: KubeObject, object: Reconcilable): Before {
  return {
    generation: object.metadata.generation,
    requestedAt: object.metadata.annotations?.[requestedAtAnnotation],
    status: stored["status"] ?? {},
  };
}

export function refOf({ definition, key }: RunContext): ObjectRef {
  return { resource: definition.kind, namespace: key.namespace, name: key.name };
}

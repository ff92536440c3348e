import { finalizer, type KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import { createLogger } from "@leat/log";
import type { AnyController } from "./definition.ts";
import type { EventSpec } from "./event-spec.ts";
import type { Next } from "./next.ts";
import { createRunLedger, type RunLedger } from "./run-ledger.ts";
import { runOnce } from "./run-once.ts";
import type { Trigger } from "./trigger.ts";

/** What one run has made of an object. */
export interface Reconciled<Status> {
  /** As the run has left it. */
  object: KubeObject;
  /** That of the object. */
  status: Status;
  /** The status patches in the order of their writing. */
  patches: object[];
  events: EventSpec[];
  next: Next;
}

interface OnceOptions {
  trigger?: Trigger;
  signal?: AbortSignal;
  longestRunMs?: number;
  ledger?: RunLedger;
}

/**
 * For tests of a kind: runs it once, as the runtime does, over an object that only this run knows. It has the finalizer
 * already.
 */
export async function reconcileOnce<Status = object>(
  definition: AnyController,
  object: KubeObject,
  {
    trigger = "interval",
    signal = new AbortController().signal,
    longestRunMs = 60_000,
    ledger = createRunLedger(),
  }: OnceOptions = {},
): Promise<Reconciled<Status>> {
  const { name, namespace = "", finalizers = [finalizer] } = object.metadata;
  let latest: KubeObject = { ...object, metadata: { ...object.metadata, finalizers } };
  const patches: object[] = [];
  const events: EventSpec[] = [];
  const kube: Pick<Kube, "patch"> = {
    patch: async (_, { body }, { subresource }) => {
      if (subresource === "status") patches.push((body as { status: object }).status);
      latest = merged(latest, body) as KubeObject;
      return latest;
    },
  };
  const context = {
    definition,
    kube: kube as Kube,
    recorder: { emit: (_: unknown, event: EventSpec) => void events.push(event) },
    log: createLogger("error", () => {}),
    longestRunMs,
    ledger,
    key: { namespace, name },
    latest: () => latest,
    wrote: () => {},
    concluded: () => {},
  };
  const next = await runOnce(context, { trigger, signal, shutdown: signal });
  return { object: latest, status: (latest["status"] ?? {}) as Status, patches, events, next };
}

/** RFC 7386. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(typeof target === "object" && target) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

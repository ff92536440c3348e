import { createHash } from "node:crypto";
import { core, type KubeObject } from "@leat/api";
import { ApiError, type Kube } from "@leat/kube";
import { createDelivery, type DeliveryOptions, Rejected } from "./delivery.ts";
import type { Emitted, EventSink } from "./events.ts";

/** How many different events are remembered, so that a repeated one is counted instead of written again. */
const remembered = 4096;
/** The API server cuts nothing: a longer message is rejected. */
const maxMessageLength = 1024;

interface Written {
  name: string;
  count: number;
}

/**
 * Writes events into the cluster as core/v1 Events; the same event of the same object again raises its count.
 * Routine ones are left out.
 */
export function createClusterEvents(
  kube: Kube,
  options: Pick<DeliveryOptions, "onDelivered" | "onDropped" | "signal">,
): EventSink {
  const written = new Map<string, Written>();
  const delivery = createDelivery({
    ...options,
    capacity: 5000,
    concurrency: 4,
    pausesMs: [200, 1000, 5000],
    deliver: async (event, signal) => {
      const key = keyOf(event);
      const before = written.get(key);
      try {
        const now = before ? await raiseCount(kube, event, before, signal) : await write(kube, event, key, signal);
        remember(written, key, now);
      } catch (error) {
        written.delete(key);
        if (isOfGoneNamespace(error) && !before) return;
        throw isRejection(error) && !before ? new Rejected(error.message, { cause: error }) : error;
      }
    },
  });
  return { ...delivery, emit: (event) => !event.isRoutine && delivery.emit(event) };
}

/** Nobody can read an event in a namespace that is deleted. */
function isOfGoneNamespace(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.code === 404 || error.causes.some(({ reason }) => reason === "NamespaceTerminating");
}

/** Another try changes nothing. */
function isRejection(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code >= 400 && error.code < 500 && error.code !== 429;
}

async function write(kube: Kube, event: Emitted, key: string, signal: AbortSignal): Promise<Written> {
  const { involvedObject, reportingController, reportingInstance } = event;
  const name = `${involvedObject.name.slice(0, 200)}.${Date.now().toString(16)}${key.slice(0, 8)}`;
  const at = `${event.at.toISOString().slice(0, 19)}Z`;
  const object: KubeObject = {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      name,
      namespace: involvedObject.namespace,
      ...(Object.keys(event.metadata).length > 0 && { annotations: event.metadata }),
    },
    involvedObject,
    type: event.type === "Warning" ? "Warning" : "Normal",
    reason: event.reason,
    message:
      event.message.length > maxMessageLength ? `${event.message.slice(0, maxMessageLength - 3)}...` : event.message,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: { component: reportingController, host: reportingInstance },
    reportingComponent: reportingController,
    reportingInstance,
  };
  await kube.create(core.Event, object, { fieldManager: reportingController, metadataOnly: true, signal });
  return { name, count: 1 };
}

async function raiseCount(kube: Kube, event: Emitted, { name, count }: Written, signal: AbortSignal): Promise<Written> {
  const ref = { resource: core.Event, namespace: event.involvedObject.namespace, name };
  const body = { count: count + 1, lastTimestamp: `${event.at.toISOString().slice(0, 19)}Z` };
  await kube.patch(
    ref,
    { type: "merge", body },
    { fieldManager: event.reportingController, metadataOnly: true, signal },
  );
  return { name, count: count + 1 };
}

function keyOf({ involvedObject: { uid }, type, reason, message, metadata }: Emitted): string {
  return createHash("sha256")
    .update(JSON.stringify([uid, type, reason, message, metadata]))
    .digest("hex");
}

function remember(written: Map<string, Written>, key: string, value: Written): void {
  written.delete(key);
  written.set(key, value);
  const oldest = written.size > remembered ? written.keys().next().value : undefined;
  if (oldest !== undefined) written.delete(oldest);
}

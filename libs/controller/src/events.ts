import { hostname } from "node:os";
import { eventAnnotationPrefix } from "@leat/api";
import type { Logger } from "@leat/log";
import type { Reconcilable } from "./definition.ts";
import type { EventSpec } from "./event-spec.ts";

/** What is known of an event when it is emitted. */
export interface Emitted {
  involvedObject: {
    apiVersion: string;
    kind: string;
    namespace: string;
    name: string;
    uid: string;
    resourceVersion: string;
  };
  type: EventSpec["type"];
  reason: string;
  message: string;
  /** Full keys: `<group>/<key>`, and the object's own `event.toolkit.fluxcd.io/…` annotations. */
  metadata: Record<string, string>;
  isRoutine: boolean;
  at: Date;
  reportingController: string;
  reportingInstance: string;
}

/** Where events go. Emitting never waits and never fails. */
export interface EventSink {
  emit: (event: Emitted) => void;
  /** Resolves when what was emitted is delivered or given up, at the latest when `signal` aborts. */
  flush: (signal: AbortSignal) => Promise<void>;
}

export interface Recorder {
  emit: (object: Reconcilable, event: EventSpec) => void;
}

const maxMessageLength = 39_000;

/** Makes complete events of specs and gives them to every sink. */
export function createRecorder(reportingController: string, sinks: readonly EventSink[], log: Logger): Recorder {
  const reportingInstance = hostname();
  return {
    emit: (object, { type, reason, message, metadata = {}, isRoutine = false }) => {
      const { apiVersion, kind } = object;
      const { namespace, name, uid, resourceVersion } = object.metadata;
      const emitted: Emitted = {
        involvedObject: { apiVersion, kind, namespace, name, uid, resourceVersion },
        type,
        reason,
        message: message.slice(0, maxMessageLength),
        metadata: { ...annotated(object), ...prefixed(apiVersion, metadata) },
        isRoutine,
        at: new Date(),
        reportingController,
        reportingInstance,
      };
      log.debug("event", { reason, message: emitted.message, kind, namespace, name });
      for (const sink of sinks) sink.emit(emitted);
    },
  };
}

function prefixed(apiVersion: string, metadata: Record<string, string>): Record<string, string> {
  const group = apiVersion.split("/")[0] ?? "";
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`${group}/${key}`, value]));
}

function annotated({ metadata }: Reconcilable): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([key]) => key.startsWith(eventAnnotationPrefix)),
  );
}

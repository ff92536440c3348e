import { Fault, type KubeObject } from "@leat/api";
import { parseJson } from "@leat/json";
import { apiErrorOfStatus } from "./api-error.ts";
import { readLines, withStallLimit } from "./lines.ts";
import type { Selection } from "./kube.ts";
import { acceptMetadata, restoreKind } from "./list.ts";
import { collectionPath, withQuery } from "./path.ts";
import type { Transport } from "./transport.ts";

export interface WatchTiming {
  /** After which the server is asked to end a watch, so that none lives for ever; half as much again at most. */
  sessionMs: number;
  /** Silence after which a connection that brings bookmarks (one a minute) is taken for dead. */
  stallMs: number;
}

export interface SessionOptions {
  transport: Transport;
  headers: Record<string, string>;
  timing: WatchTiming;
  selection: Selection;
  /** `undefined` asks for all objects first. */
  position: string | undefined;
  /** Whether the server would not be silent for long: it is sending its list, or is known to send bookmarks. */
  isTalkative: () => boolean;
  /** Called when the server has begun to answer. */
  onOpen?: (() => void) | undefined;
  signal: AbortSignal;
}

export type SessionEvent =
  | { type: "object"; object: KubeObject; resourceVersion: string; deleted: boolean }
  | { type: "bookmark"; resourceVersion: string; endsInitial: boolean };

const initialEventsEnd = "k8s.io/initial-events-end";
const graceMs = 15_000;

/**
 * The events of one watch connection, until it ends.
 *
 * @throws ApiError for a rejection and for an `ERROR` event
 * @throws SyntaxError for a line that is not JSON
 * @throws Fault `WatchBroken` for silence, `APIServerUnavailable` for a broken connection
 */
export async function* openSession(options: SessionOptions): AsyncGenerator<SessionEvent> {
  const { transport, selection, signal, timing, isTalkative } = options;
  // Spread out, so that not all watches of a process begin again at the same moment.
  const sessionMs = Math.ceil((timing.sessionMs * (1 + Math.random() / 2)) / 1000) * 1000;
  const chunks = await transport.stream(requestFor(options, sessionMs), signal);
  options.onOpen?.();
  const stallLimit = () => (isTalkative() ? Math.min(timing.stallMs, sessionMs + graceMs) : sessionMs + graceMs);
  for await (const lines of readLines(withStallLimit(chunks, stallLimit))) {
    for (const line of lines) yield eventOf(line, selection);
  }
}

function requestFor({ selection, position, headers }: SessionOptions, sessionMs: number) {
  const { resource, namespace, labelSelector, fieldSelector, metadataOnly = false } = selection;
  const from =
    position === undefined
      ? { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" }
      : { resourceVersion: position };
  const query = {
    watch: 1,
    allowWatchBookmarks: true,
    timeoutSeconds: sessionMs / 1000,
    labelSelector,
    fieldSelector,
    ...from,
  };
  return {
    verb: "watch",
    resource: resource.plural,
    method: "GET",
    path: withQuery(collectionPath(resource, namespace), query),
    headers: metadataOnly ? { ...headers, accept: acceptMetadata } : headers,
    repeatable: true,
  } as const;
}

interface WireEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: KubeObject;
}

function eventOf(line: string, selection: Selection): SessionEvent {
  const { type, object } = parse(line);
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const resourceVersion = versionOf(object);
      return {
        type: "object",
        object: restoreKind(object, selection.resource),
        resourceVersion,
        deleted: type === "DELETED",
      };
    }
    case "BOOKMARK":
      return {
        type: "bookmark",
        resourceVersion: versionOf(object),
        endsInitial: object.metadata.annotations?.[initialEventsEnd] === "true",
      };
    case "ERROR":
      throw apiErrorOfStatus(object);
  }
  throw new SyntaxError(`a watch event is of the unknown type ${JSON.stringify(type)}`);
}

/** JSON.parse quotes the text in its error, which may hold a secret. */
function parse(line: string): WireEvent {
  try {
    return parseJson(line) as WireEvent;
  } catch {
    throw new SyntaxError(`a watch event of ${line.length} characters is not JSON`);
  }
}

function versionOf(object: KubeObject | undefined): string {
  const version = object?.metadata?.resourceVersion;
  if (version) return version;
  throw new Fault("WatchBroken", "a watch event has no resourceVersion");
}

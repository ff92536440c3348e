import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "./eventually.ts";
import { closeServer, listenOn, portOf } from "./server/loopback.ts";

/** What Flux's controllers post to the notification controller. */
export interface PostedEvent {
  involvedObject: {
    apiVersion: string;
    kind: string;
    namespace: string;
    name: string;
    uid?: string;
    resourceVersion?: string;
  };
  severity: "info" | "error" | "trace";
  timestamp: string;
  message: string;
  reason: string;
  metadata?: Record<string, string>;
  reportingController: string;
  reportingInstance?: string;
}

export interface ReceivedEvent {
  event: PostedEvent;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  path: string;
  /** Milliseconds since 1970. */
  time: number;
}

export interface ReceiverFaults {
  delayMs?: number;
  /** Answers with this instead of 202, for example 429; the event is not kept. */
  status?: number;
  /** With a status: value of the header Retry-After. */
  retryAfterSeconds?: number;
}

/** Events that were posted. */
export interface PostedEvents {
  /** In the order of arrival; grows. */
  readonly events: readonly ReceivedEvent[];
  waitFor: (
    predicate: (event: PostedEvent) => boolean,
    options?: { what?: string; timeoutMs?: number; signal?: AbortSignal },
  ) => Promise<PostedEvent>;
}

/** Stands where the notification controller stands: keeps what is posted to it. */
export interface EventReceiver extends PostedEvents, AsyncDisposable {
  /** For `--events-addr`. */
  url: string;
  /** Requests until now, those that a fault rejected included. */
  requestCount: () => number;
  setFaults: (faults: ReceiverFaults) => void;
  /** Refuses connections until `start`. */
  stop: () => Promise<void>;
  start: () => Promise<void>;
}

export interface EventReceiverOptions {
  /** Each event is also appended to it, as one line of JSON, for `followEvents` in other processes. */
  file?: string;
}

export async function startEventReceiver({ file }: EventReceiverOptions = {}): Promise<EventReceiver> {
  const events: ReceivedEvent[] = [];
  if (file !== undefined) appendFileSync(file, "");
  const keep = (received: ReceivedEvent | undefined) => {
    if (received === undefined) return;
    events.push(received);
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(received)}\n`);
  };
  let faults: ReceiverFaults = {};
  let requestCount = 0;
  const server = createServer((request, response) => {
    requestCount++;
    receive(request, faults)
      .then(({ received, status, headers }) => {
        keep(received);
        response.writeHead(status, headers).end();
      })
      .catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  await listenOn(server, 0);
  const port = portOf(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    events,
    requestCount: () => requestCount,
    waitFor: waitIn(() => events),
    setFaults: (next) => (faults = next),
    stop: () => closeServer(server),
    start: () => listenOn(server, port),
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

/** Waits for an event among those there are and those yet to come. */
export function waitIn(read: () => readonly ReceivedEvent[]): PostedEvents["waitFor"] {
  return (predicate, { what = "an event", ...options } = {}) =>
    eventually(() => read().find(({ event }) => predicate(event))?.event, {
      what: `${what} among ${read().length} posted events`,
      ...options,
    });
}

interface Answer {
  received?: ReceivedEvent;
  status: number;
  headers?: Record<string, string>;
}

async function receive(request: IncomingMessage, faults: ReceiverFaults): Promise<Answer> {
  const body = await text(request);
  const { delayMs, status, retryAfterSeconds } = faults;
  if (delayMs !== undefined) await pause(delayMs);
  if (status !== undefined)
    return { status, headers: retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) } };
  const event: PostedEvent = JSON.parse(body);
  return { status: 202, received: { event, headers: request.headers, path: request.url ?? "", time: Date.now() } };
}

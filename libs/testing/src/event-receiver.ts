import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
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

/** Stands where the notification controller stands: keeps what is posted to it. */
export interface EventReceiver extends AsyncDisposable {
  /** For `--events-addr`. */
  url: string;
  /** In the order of arrival; grows. */
  events: readonly ReceivedEvent[];
  /** Requests until now, those that a fault refused included. */
  requestCount: () => number;
  waitFor: (
    predicate: (event: PostedEvent) => boolean,
    options?: { what?: string; timeoutMs?: number; signal?: AbortSignal },
  ) => Promise<PostedEvent>;
  setFaults: (faults: ReceiverFaults) => void;
  /** Refuses connections until `start`. */
  stop: () => Promise<void>;
  start: () => Promise<void>;
}

export async function startEventReceiver(): Promise<EventReceiver> {
  const events: ReceivedEvent[] = [];
  let faults: ReceiverFaults = {};
  let requestCount = 0;
  const server = createServer((request, response) => {
    requestCount++;
    receive(request, response, faults).then(
      (received) => received && events.push(received),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  await listenOn(server, 0);
  const port = portOf(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    events,
    requestCount: () => requestCount,
    waitFor: (predicate, { what = "an event", ...options } = {}) =>
      eventually(() => events.find(({ event }) => predicate(event))?.event, {
        what: `${what} among ${events.length} posted events`,
        ...options,
      }),
    setFaults: (next) => (faults = next),
    stop: () => closeServer(server),
    start: () => listenOn(server, port),
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  faults: ReceiverFaults,
): Promise<ReceivedEvent | undefined> {
  const body = await text(request);
  if (faults.delayMs !== undefined) await pause(faults.delayMs);
  if (faults.status !== undefined) {
    const retryAfter =
      faults.retryAfterSeconds === undefined ? {} : { "retry-after": String(faults.retryAfterSeconds) };
    response.writeHead(faults.status, retryAfter).end();
    return undefined;
  }
  const event: PostedEvent = JSON.parse(body);
  response.writeHead(202).end();
  return { event, headers: request.headers, path: request.url ?? "", time: Date.now() };
}

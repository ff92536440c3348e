import { Fault } from "@leat/api";
import type { Dispatcher } from "undici";
import { type AgentPool, createAgentPool } from "./agents.ts";
import { ApiError, apiErrorOf } from "./api-error.ts";
import { createBackoff } from "./backoff.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import { ConnectionFailure } from "./failure.ts";
import type { Identity, IdentitySource } from "./identity.ts";
import type { CallOptions } from "./kube.ts";
import { isOverload, pauseBefore } from "./retry.ts";
import { createSlots, type Slots } from "./slots.ts";

export type Verb = "get" | "list" | "watch" | "create" | "apply" | "patch" | "update" | "delete";

/** One attempt of a request, for metrics. */
export interface RequestInfo {
  verb: Verb;
  /** Plural of the resource, empty for discovery. */
  resource: string;
  /** HTTP status, 0 where there was no answer. */
  code: number;
  /** From sending to the answer's end (to its head for a watch). */
  seconds: number;
}

export interface ApiRequest {
  verb: Verb;
  resource: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Asking twice gives what asking once gives, so that it may be sent again when its connection breaks. */
  repeatable: boolean;
}

export interface ApiAnswer {
  code: number;
  text: string;
  etag?: string | undefined;
}

/** Sends requests as one identity. */
export interface Transport extends AsyncDisposable {
  /**
   * The whole answer. Waits and tries again where the server is overloaded (429, 503 with Retry-After) or, for what is
   * repeatable, where the connection broke.
   *
   * @throws ApiError for an answer of 400 and above, other than 404's where `missing` is given
   * @throws Fault `APIServerUnavailable`
   */
  send: (request: ApiRequest, options?: CallOptions) => Promise<ApiAnswer>;
  /** An answer without end, tried once. The head has to come within 30 s; the body ends when the signal aborts. */
  stream: (request: ApiRequest, signal: AbortSignal) => Promise<AsyncIterable<Buffer>>;
}

export interface TransportOptions {
  identity: IdentitySource;
  /** How many requests may be under way at a time, each on a connection of its own. */
  connections: number;
  userAgent: string;
  onRequest?: ((info: RequestInfo) => void) | undefined;
}

const callLimitMs = 30_000;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

interface Parts extends TransportOptions {
  agents: AgentPool;
  slots: Slots;
}

export function createTransport(options: TransportOptions): Transport {
  const agents = createAgentPool(options.connections);
  const parts: Parts = { ...options, agents, slots: createSlots(options.connections) };
  return {
    send: (request, call = {}) => send(parts, request, call),
    stream: (request, signal) => stream(parts, request, signal),
    [Symbol.asyncDispose]: () => agents[Symbol.asyncDispose](),
  };
}

async function send(
  parts: Parts,
  request: ApiRequest,
  { timeoutMs = callLimitMs, signal }: CallOptions,
): Promise<ApiAnswer> {
  using deadline = startDeadline(timeoutMs, signal);
  const backoff = createBackoff(firstPauseMs, longestPauseMs);
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attemptInSlot(parts, request, deadline.signal);
    } catch (error) {
      const pauseMs = pauseBefore(request.repeatable, error, attempts);
      if (deadline.signal.aborted) throw endOf(deadline, { request, timeoutMs, error });
      if (pauseMs === undefined || pauseMs > deadline.leftMs) throw error;
      try {
        await backoff.wait(deadline.signal, pauseMs);
      } catch {
        // Aborted while waiting; what the server said last says more than that time is up.
        throw signal?.aborted ? signal.reason : error;
      }
    }
  }
}

async function attemptInSlot(parts: Parts, request: ApiRequest, signal: AbortSignal): Promise<ApiAnswer> {
  using slot = await parts.slots.take(signal);
  try {
    const answer = await attempt(parts, request, signal);
    slot.accepted();
    return answer;
  } catch (error) {
    if (isOverload(error)) slot.refused();
    else if (error instanceof ApiError) slot.accepted();
    throw error;
  }
}

/** One request and its whole answer. */
async function attempt(parts: Parts, request: ApiRequest, signal: AbortSignal): Promise<ApiAnswer> {
  const identity = await within(parts.identity.current(), signal);
  const started = performance.now();
  let code = 0;
  try {
    const { statusCode, headers, body } = await dispatch(parts, identity, { request, signal, pool: "requests" });
    const text = await body.text();
    code = statusCode;
    if (code >= 400) throw refused(parts, identity, { request, code, text, retryAfter: one(headers["retry-after"]) });
    return { code, text, etag: one(headers["etag"]) };
  } catch (error) {
    throw error instanceof ApiError || signal.aborted ? error : new ConnectionFailure(identity.server, error);
  } finally {
    parts.onRequest?.({
      verb: request.verb,
      resource: request.resource,
      code,
      seconds: (performance.now() - started) / 1000,
    });
  }
}

async function stream(parts: Parts, request: ApiRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  using head = startDeadline(callLimitMs, signal);
  const identity = await within(parts.identity.current(), head.signal);
  const started = performance.now();
  let code = 0;
  const session = new AbortController();
  const abort = () => session.abort(signal.reason);
  head.signal.addEventListener("abort", () => session.abort(head.signal.reason), { once: true });
  try {
    const answer = await dispatch(parts, identity, { request, signal: session.signal, pool: "watches" });
    code = answer.statusCode;
    if (code >= 400) {
      const text = await answer.body.text();
      throw refused(parts, identity, { request, code, text, retryAfter: one(answer.headers["retry-after"]) });
    }
    signal.addEventListener("abort", abort, { once: true });
    answer.body.once("close", () => signal.removeEventListener("abort", abort));
    return answer.body as AsyncIterable<Buffer>;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof ApiError ? error : new ConnectionFailure(identity.server, error);
  } finally {
    parts.onRequest?.({
      verb: request.verb,
      resource: request.resource,
      code,
      seconds: (performance.now() - started) / 1000,
    });
  }
}

interface Dispatch {
  request: ApiRequest;
  signal: AbortSignal;
  pool: "requests" | "watches";
}

function dispatch(
  { agents, userAgent }: Parts,
  identity: Identity,
  { request, signal, pool }: Dispatch,
): Promise<Dispatcher.ResponseData> {
  const { origin, basePath, [pool]: dispatcher } = agents.for(identity);
  const answer = dispatcher.request({
    origin,
    path: basePath + request.path,
    method: request.method,
    headers: { accept: "application/json", "user-agent": userAgent, ...identity.headers, ...request.headers },
    body: request.body ?? null,
    signal,
  });
  // undici hears the signal only once there is a connection, and that may be what does not come.
  return within(answer, signal);
}

interface Refused {
  request: ApiRequest;
  code: number;
  text: string;
  retryAfter: string | undefined;
}

function refused(parts: Parts, identity: Identity, { request, code, text, retryAfter }: Refused): ApiError {
  if (code === 401) parts.identity.outdated(identity);
  return apiErrorOf({ code, body: text, retryAfter, secret: request.resource === "secrets" });
}

function endOf(
  deadline: Deadline,
  { request, timeoutMs, error }: { request: ApiRequest; timeoutMs: number; error: unknown },
): unknown {
  if (!deadline.expired) return deadline.signal.reason;
  if (error instanceof ApiError) return error;
  const what = `${request.verb} of ${request.resource}`;
  return new Fault("APIServerUnavailable", `the API server did not answer a ${what} within ${timeoutMs / 1000} s`, {
    cause: error,
  });
}

/** Gives up waiting when the signal aborts; what is waited for serves others too and goes on. */
async function within<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

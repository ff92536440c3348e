import { Fault } from "@leat/api";
import type { AddressGuard, Proxies } from "@leat/http";
import { createAgentPool } from "./agents.ts";
import { ApiError } from "./api-error.ts";
import { createBackoff } from "./backoff.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import { type ExchangeParts, exchange, openStream } from "./exchange.ts";
import type { IdentitySource } from "./connection-identity.ts";
import type { CallOptions } from "./kube.ts";
import { isOverload, pauseBefore } from "./retry.ts";
import { createSlots, mostGrowth, type Slots } from "./slots.ts";
import { createWarmUp, type WarmUp } from "./first-connection.ts";

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
  /** How many requests may be under way at a time, each on a connection of its own; more if the server is far away. */
  connections: number;
  /** Chooses the proxy if the identity names none. */
  proxies: Proxies;
  guard?: AddressGuard | undefined;
  userAgent: string;
  onRequest?: ((info: RequestInfo) => void) | undefined;
}

const callLimitMs = 30_000;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

interface Parts extends ExchangeParts {
  slots: Slots;
  warmUp: WarmUp;
}

export function createTransport(options: TransportOptions): Transport {
  const agents = createAgentPool({ ...options, connections: options.connections * mostGrowth });
  const parts: Parts = { ...options, agents, slots: createSlots(options.connections), warmUp: createWarmUp() };
  return {
    send: (request, call = {}) => send(parts, request, call),
    stream: (request, signal) => explained(parts, openStream(parts, request, signal), signal),
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
  const slot = await parts.slots.take(signal);
  try {
    const answer = await explained(parts, exchange(parts, request, signal), signal);
    slot.accepted();
    return answer;
  } catch (error) {
    if (isOverload(error)) slot.rejected();
    else if (error instanceof ApiError) slot.accepted();
    throw error;
  } finally {
    // undici uses a connection again in the next turn; a request before that would open another one.
    setImmediate(() => slot[Symbol.dispose]());
  }
}

const readiness: ApiRequest = { verb: "get", resource: "", method: "GET", path: "/readyz", repeatable: true };

async function explained<Answer>(parts: Parts, asked: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    const isReady = async () =>
      exchange(parts, readiness, signal).then(
        () => true,
        () => false,
      );
    throw await parts.warmUp.explain(error, isReady);
  }
}

function endOf(
  deadline: Deadline,
  { request, timeoutMs, error }: { request: ApiRequest; timeoutMs: number; error: unknown },
): unknown {
  if (!deadline.expired) return deadline.signal.reason;
  if (error instanceof ApiError) return error;
  const what = `${request.verb} of ${request.resource}`;
  return new Fault("APIServerUnavailable", `the API server did not respond to a ${what} within ${timeoutMs / 1000} s`, {
    cause: error,
  });
}

import type { Dispatcher } from "undici";
import type { AgentPool } from "./agents.ts";
import { ApiError, apiErrorOf } from "./api-error.ts";
import { startDeadline } from "./deadline.ts";
import { ConnectionFailure } from "./connection-failure.ts";
import type { ConnectionIdentity, IdentitySource } from "./connection-identity.ts";
import type { ApiAnswer, ApiRequest, RequestInfo } from "./transport.ts";

/** What it takes to ask once. */
export interface ExchangeParts {
  identity: IdentitySource;
  agents: AgentPool;
  userAgent: string;
  onRequest?: ((info: RequestInfo) => void) | undefined;
}

const headLimitMs = 30_000;

/** One request and its whole answer. */
export async function exchange(parts: ExchangeParts, request: ApiRequest, signal: AbortSignal): Promise<ApiAnswer> {
  const identity = await within(parts.identity.current(), signal);
  const started = performance.now();
  let code = 0;
  try {
    const { statusCode, headers, body } = await dispatch(parts, identity, { request, signal, pool: "requests" });
    const text = await body.text();
    code = statusCode;
    if (code >= 400) throw rejected(parts, identity, { request, code, text, retryAfter: one(headers["retry-after"]) });
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

/** The head of an answer without end; its body ends when the signal aborts. */
export async function openStream(
  parts: ExchangeParts,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  using head = startDeadline(headLimitMs, signal);
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
      throw rejected(parts, identity, { request, code, text, retryAfter: one(answer.headers["retry-after"]) });
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
  { agents, userAgent }: ExchangeParts,
  identity: ConnectionIdentity,
  { request, signal, pool }: Dispatch,
): Promise<Dispatcher.ResponseData> {
  const { origin, basePath, [pool]: dispatcher } = agents.for(identity);
  const answer = dispatcher.request({
    origin,
    path: basePath + request.path,
    method: request.method,
    headers: { accept: "application/json", "user-agent": userAgent, ...identity.headers, ...request.headers },
    body: request.body ?? null,
    // undici would close the connection after each deletion, as its body may confuse other servers than Kubernetes'.
    reset: false,
    signal,
  });
  // undici hears the signal only once there is a connection, and that may be what does not come.
  return within(answer, signal);
}

interface Rejected {
  request: ApiRequest;
  code: number;
  text: string;
  retryAfter: string | undefined;
}

function rejected(
  parts: ExchangeParts,
  identity: ConnectionIdentity,
  { request, code, text, retryAfter }: Rejected,
): ApiError {
  if (code === 401) parts.identity.outdated(identity);
  return apiErrorOf({ code, body: text, retryAfter, secret: request.resource === "secrets" });
}

/** Gives up waiting when the signal aborts; what is waited for serves others too and goes on. */
async function within<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const value = await Promise.race([promise, aborted.promise]);
    // Both may have happened in the same turn.
    signal.throwIfAborted();
    return value;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

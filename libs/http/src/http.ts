import { type Dispatcher, request } from "undici";
import { isHeaderValue } from "./header.ts";
import { createRoutes, type HttpOptions, type Route, type Routes } from "./routes.ts";

export interface HttpRequest {
  method?: "GET" | "HEAD" | "POST" | "PUT";
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** Limit of the whole exchange, the body included, unless `maxPauseMs` is given. */
  timeoutMs: number;
  /** For large bodies: `timeoutMs` ends with the headers, and the body may take as long as it comes without longer pauses. */
  maxPauseMs?: number;
  /** A longer answer is an error. */
  maxBytes: number;
  /** Redirects that are followed; 0 by default. Headers named `authorization` and `cookie` do not leave the origin. */
  maxRedirects?: number;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The body as it comes, within the limits; must be read to its end or left by `break`. */
  body: AsyncIterable<Buffer>;
  /** The whole body. */
  bytes: () => Promise<Buffer>;
  /** The URL that answered, after redirects. */
  url: string;
}

interface HttpErrorOptions extends ErrorOptions {
  proxy?: string | undefined;
  redirectedTo?: string | undefined;
}

/** The exchange failed before there was a whole answer: unreachable, cut, too slow, too long. Never carries credentials. */
export class HttpError extends Error {
  readonly code: string;
  /** host:port of the proxy that it went through. */
  readonly proxy: string | undefined;
  /** The URL, without credentials and query, that the exchange was redirected to before it failed. */
  readonly redirectedTo: string | undefined;
  constructor(code: string, message: string, options: HttpErrorOptions = {}) {
    super(message, options);
    this.name = "HttpError";
    this.code = code;
    this.proxy = options.proxy;
    this.redirectedTo = options.redirectedTo;
  }
}

export interface Http extends AsyncDisposable {
  /**
   * Any status is an answer.
   *
   * @throws HttpError where there is none; the signal's reason where it was aborted
   */
  request: (url: string, request: HttpRequest) => Promise<HttpAnswer>;
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** A client with connections of its own; {@link createHttpPool} shares them. */
export function createHttp(options: HttpOptions = {}): Http {
  const routes = createRoutes(options);
  return {
    request: (url, wanted) => exchange(routes, url, wanted),
    [Symbol.asyncDispose]: () => routes[Symbol.asyncDispose](),
  };
}

async function exchange(routes: Routes, url: string, wanted: HttpRequest): Promise<HttpAnswer> {
  if (wanted.maxPauseMs === undefined) return follow(routes, url, wanted, AbortSignal.timeout(wanted.timeoutMs));
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(new DOMException("no headers", "TimeoutError")), wanted.timeoutMs);
  try {
    return await follow(routes, url, wanted, timeout.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function follow(routes: Routes, url: string, wanted: HttpRequest, timeout: AbortSignal): Promise<HttpAnswer> {
  const signal = wanted.signal ? AbortSignal.any([wanted.signal, timeout]) : timeout;
  let step: HttpRequest = wanted;
  let target = parseUrl(url);
  for (let redirects = 0; ; redirects++) {
    const hop = { url: target, isRedirected: redirects > 0, wanted: step };
    const route = routeTo(routes, hop);
    const answer = await send(route, hop, signal);
    const location = answer.headers["location"];
    if (
      !redirectStatuses.has(answer.statusCode) ||
      typeof location !== "string" ||
      redirects >= (wanted.maxRedirects ?? 0)
    ) {
      return answerOf(answer, { ...hop, route });
    }
    await answer.body.dump();
    const next = parseUrl(location, target);
    step = redirected(step, answer.statusCode, next.origin === target.origin);
    target = next;
  }
}

function routeTo(routes: Routes, hop: Omit<Hop, "route">): Route {
  try {
    return routes.to(hop.url);
  } catch (cause) {
    throw asHttpError(cause, { ...hop, route: { proxy: undefined } });
  }
}

function parseUrl(url: string, base?: URL): URL {
  const parsed = URL.parse(url, base);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed;
  throw new HttpError("ERR_INVALID_URL", base ? `${nameOf(base)} redirects to an invalid URL` : "not an HTTP URL");
}

/** The request that follows a redirect: RFC 9110, section 15.4. */
function redirected({ body, ...request_ }: HttpRequest, status: number, isSameOrigin: boolean): HttpRequest {
  const keepsBody = body !== undefined && status >= 307;
  const headers = isSameOrigin ? request_.headers : withoutCredentials(request_.headers ?? {});
  const method = request_.method === "POST" && !keepsBody ? "GET" : request_.method;
  return { ...request_, ...(headers && { headers }), ...(method && { method }), ...(keepsBody && { body }) };
}

async function send(route: Route, hop: Omit<Hop, "route">, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { url, wanted } = hop;
  const unfit = Object.entries(wanted.headers ?? {}).find(([, value]) => !isHeaderValue(value))?.[0];
  if (unfit !== undefined) throw new HttpError("ERR_INVALID_CHAR", `the value of the header ${unfit} is invalid`);
  try {
    return await request(url, {
      dispatcher: route.dispatcher,
      method: wanted.method ?? "GET",
      headers: wanted.headers ?? {},
      body: wanted.body ?? null,
      signal,
      headersTimeout: wanted.timeoutMs,
      bodyTimeout: wanted.maxPauseMs ?? wanted.timeoutMs,
    });
  } catch (cause) {
    throw asHttpError(cause, { ...hop, route });
  }
}

/** One request of an exchange: a redirect is followed by another one. */
interface Hop {
  url: URL;
  isRedirected: boolean;
  wanted: HttpRequest;
  route: Pick<Route, "proxy">;
}

function answerOf(answer: Dispatcher.ResponseData, hop: Hop): HttpAnswer {
  const body = limited(answer, hop);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body,
    bytes: async () => Buffer.concat(await Array.fromAsync(body)),
    url: hop.url.href,
  };
}

async function* limited(answer: Dispatcher.ResponseData, hop: Hop): AsyncGenerator<Buffer, void, undefined> {
  const { url, wanted } = hop;
  let bytes = 0;
  try {
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > wanted.maxBytes)
        throw new HttpError("TOO_LONG", `${nameOf(url)} sent more than ${wanted.maxBytes} bytes`);
      yield chunk;
    }
  } catch (cause) {
    throw asHttpError(cause, hop);
  }
}

function asHttpError(cause: unknown, hop: Hop): unknown {
  const { url, isRedirected, wanted, route } = hop;
  const { timeoutMs, maxPauseMs = timeoutMs, signal } = wanted;
  const { proxy } = route;
  if (cause instanceof HttpError || signal?.aborted) return cause;
  const options = { cause, proxy, ...(isRedirected && { redirectedTo: nameOf(url) }) };
  const { name, code, message } = cause as NodeJS.ErrnoException;
  if (name === "TimeoutError") {
    return new HttpError("TIMEOUT", `${nameOf(url)} did not respond within ${timeoutMs} ms`, options);
  }
  if (code === "UND_ERR_BODY_TIMEOUT")
    return new HttpError("TIMEOUT", `${nameOf(url)} sent nothing for ${maxPauseMs} ms`, options);
  const words = connectionProblem({ code, proxy }, url.host) ?? message;
  return new HttpError(code ?? "FAILED", `${nameOf(url)}: ${words}`, options);
}

const failedConnections: Record<string, string> = {
  ENOTFOUND: "cannot be resolved",
  EAI_AGAIN: "cannot be resolved",
  ECONNREFUSED: "refused the connection",
  UND_ERR_CONNECT_TIMEOUT: "did not accept the connection in time",
};

/**
 * Why there is no connection, such as `the proxy proxy.example:3128 refused the connection`; `undefined` for codes that mean
 * something else. Whether a proxy reaches the host is the proxy's to say, by an HTTP status.
 *
 * @param host that of the URL, with its port
 */
export function connectionProblem(
  { code = "", proxy }: { code: string | undefined; proxy: string | undefined },
  host: string,
): string | undefined {
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return `${host} does not speak TLS; is it http://?`;
  const problem = failedConnections[code];
  return problem && `${proxy === undefined ? host : `the proxy ${proxy}`} ${problem}`;
}

/** A URL as it may be shown: without credentials, query and fragment. */
function nameOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)));
}

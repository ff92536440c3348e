import { getCACertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent, request } from "undici";
import { isHeaderValue } from "./header.ts";

/** One way out: connections kept alive, with the TLS and proxy settings of whoever asked for it. */
export interface HttpOptions {
  /** PEM; in addition to the system's authorities. */
  ca?: string | undefined;
  /** PEM of a client certificate and its key. */
  cert?: string | undefined;
  key?: string | undefined;
  /** `http:`, `https:` or `socks5:` URL, credentials included. */
  proxy?: string | undefined;
  /** In the place of `proxy`: which one, if any, depends on the target. */
  proxies?: Proxies | undefined;
}

/** URLs of proxies by the scheme of the target, and the hosts, separated by commas, that are reached without. */
export interface Proxies {
  http?: string | undefined;
  https?: string | undefined;
  no?: string | undefined;
}

export interface HttpRequest {
  method?: "GET" | "HEAD" | "POST" | "PUT";
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** Limit of the whole exchange, the body included. */
  timeoutMs: number;
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

/** The exchange failed before there was a whole answer: unreachable, cut, too slow, too long. Never carries credentials. */
export class HttpError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HttpError";
    this.code = code;
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

export function createHttp(options: HttpOptions = {}): Http {
  const dispatcher = dispatcherFor(options);
  return {
    request: (url, wanted) => exchange(dispatcher, url, wanted),
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  };
}

function dispatcherFor({ ca, cert, key, proxy, proxies }: HttpOptions): Dispatcher {
  const tls = { ...(ca && { ca: withSystemAuthorities(ca) }), ...(cert && { cert }), ...(key && { key }) };
  const common = { connections: 8, keepAliveTimeout: 30_000, connect: { timeout: 10_000, ...tls } };
  if (proxies !== undefined) {
    const { http = "", https = "", no = "" } = proxies;
    const uris = { httpProxy: http, httpsProxy: https, noProxy: no };
    return new EnvHttpProxyAgent({ ...common, ...uris, requestTls: tls, proxyTls: tls });
  }
  if (proxy === undefined) return new Agent(common);
  return new ProxyAgent({ ...common, uri: proxy, requestTls: tls, proxyTls: tls });
}

async function exchange(dispatcher: Dispatcher, url: string, wanted: HttpRequest): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(wanted.timeoutMs);
  const signal = wanted.signal ? AbortSignal.any([wanted.signal, timeout]) : timeout;
  let step: HttpRequest = wanted;
  let target = parseUrl(url);
  for (let redirects = 0; ; redirects++) {
    const answer = await send(dispatcher, target, step, signal);
    const location = answer.headers["location"];
    if (
      !redirectStatuses.has(answer.statusCode) ||
      typeof location !== "string" ||
      redirects >= (wanted.maxRedirects ?? 0)
    ) {
      return answerOf(answer, target, wanted);
    }
    await answer.body.dump();
    const next = parseUrl(location, target);
    step = redirected(step, answer.statusCode, next.origin === target.origin);
    target = next;
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

async function send(
  dispatcher: Dispatcher,
  url: URL,
  wanted: HttpRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const unfit = Object.entries(wanted.headers ?? {}).find(([, value]) => !isHeaderValue(value))?.[0];
  if (unfit !== undefined) throw new HttpError("ERR_INVALID_CHAR", `the value of the header ${unfit} is invalid`);
  try {
    return await request(url, {
      dispatcher,
      method: wanted.method ?? "GET",
      headers: wanted.headers ?? {},
      body: wanted.body ?? null,
      signal,
      headersTimeout: wanted.timeoutMs,
      bodyTimeout: wanted.timeoutMs,
    });
  } catch (cause) {
    throw asHttpError(cause, url, wanted);
  }
}

function answerOf(answer: Dispatcher.ResponseData, url: URL, wanted: HttpRequest): HttpAnswer {
  const body = limited(answer, url, wanted);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body,
    bytes: async () => Buffer.concat(await Array.fromAsync(body)),
    url: url.href,
  };
}

async function* limited(
  answer: Dispatcher.ResponseData,
  url: URL,
  wanted: HttpRequest,
): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0;
  try {
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > wanted.maxBytes)
        throw new HttpError("TOO_LONG", `${nameOf(url)} sent more than ${wanted.maxBytes} bytes`);
      yield chunk;
    }
  } catch (cause) {
    throw asHttpError(cause, url, wanted);
  }
}

function asHttpError(cause: unknown, url: URL, { timeoutMs, signal }: HttpRequest): unknown {
  if (cause instanceof HttpError || signal?.aborted) return cause;
  const { name, code, message } = cause as NodeJS.ErrnoException;
  if (name === "TimeoutError") {
    return new HttpError("TIMEOUT", `${nameOf(url)} did not respond within ${timeoutMs} ms`, { cause });
  }
  return new HttpError(code ?? "FAILED", `${nameOf(url)}: ${message}`, { cause });
}

/** A URL as it may be shown: without credentials, query and fragment. */
function nameOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)));
}

function withSystemAuthorities(ca: string): string[] {
  return [...getCACertificates("default"), ca];
}

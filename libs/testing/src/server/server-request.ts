import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { buffer } from "node:stream/consumers";

/** How a server of a test is reached. */
export interface ServerAddress {
  /** Without a slash at the end. */
  url: string;
  /** PEM of the CA of its certificate, with https. */
  ca?: string | undefined;
}

export interface ServerRequest {
  /** `GET` if absent. */
  method?: string;
  /** With the query; or a whole URL of the same server. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal?: AbortSignal | undefined;
}

export interface ServerAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const timeoutMs = 10_000;

/**
 * One request, for setting servers up and for checking them. What is tested uses a client of its own.
 *
 * @throws Error if the server cannot be reached; a status of 4xx or 5xx is an answer
 */
export function requestServer(
  { url, ca }: ServerAddress,
  { method = "GET", path, headers = {}, body, signal }: ServerRequest,
): Promise<ServerAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ServerAnswer>();
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const options = { method, headers: { ...headers, ...length }, agent: false as const, signal: limit };
  const onResponse = (response: IncomingMessage) => void answerOf(response).then(resolve, reject);
  const sent = url.startsWith("https:")
    ? requestHttps(new URL(path, url), { ...options, ...(ca === undefined ? {} : { ca }) }, onResponse)
    : requestHttp(new URL(path, url), options, onResponse);
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

async function answerOf(response: IncomingMessage): Promise<ServerAnswer> {
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) };
}

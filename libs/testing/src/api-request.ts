import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";

/** How an administrator reaches an API server. */
export interface ApiConnection {
  url: string;
  token: string;
  /** PEM. */
  ca: string;
}

export interface ApiRequest {
  method?: "GET" | "POST" | "DELETE" | "PATCH";
  path: string;
  body?: unknown;
  /** `application/json` where it is absent. */
  accept?: string;
  signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  status: number;
  /** Parsed, or the text where the answer is not JSON. */
  body: unknown;
}

const timeoutMs = 10_000;

/**
 * One request with JSON in and out, for setting a control plane up. Tests use the client of `@leat/kube`.
 *
 * @throws Error when the server cannot be reached; a status of 4xx or 5xx is an answer
 */
export function requestApi(
  connection: ApiConnection,
  { method = "GET", path, body, accept = "application/json", signal }: ApiRequest,
): Promise<ApiAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
  const headers = {
    authorization: `Bearer ${connection.token}`,
    accept,
    "content-type": "application/json",
  };
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  const sent = request(
    new URL(path, connection.url),
    { method, ca: connection.ca, agent: false, headers, signal: limit },
    (response) => {
      readAnswer(response).then(resolve, reject);
    },
  );
  sent.on("error", reject);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

async function readAnswer(response: IncomingMessage): Promise<ApiAnswer> {
  const body = await text(response);
  const isJson = response.headers["content-type"]?.startsWith("application/json") ?? false;
  return { status: response.statusCode ?? 0, body: isJson ? JSON.parse(body) : body };
}

/**
 * @throws Error when the object cannot be created, with the words of the server
 */
export async function createObject(
  connection: ApiConnection,
  path: string,
  body: object,
  signal?: AbortSignal,
): Promise<unknown> {
  const answer = await requestApi(connection, { method: "POST", path, body, signal });
  if (answer.status < 300) return answer.body;
  throw new Error(`POST ${path}: ${answer.status} ${messageOf(answer.body)}`);
}

function messageOf(body: unknown): string {
  return body !== null && typeof body === "object" && "message" in body ? String(body.message) : JSON.stringify(body);
}

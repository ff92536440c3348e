import { requestServer } from "../server/server-request.ts";

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
  /** `application/json` if absent. */
  accept?: string;
  signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  status: number;
  /** Parsed, or the text if the answer is not JSON. */
  body: unknown;
}

/**
 * One request with JSON in and out, for setting a control plane up. Tests use the client of `@leat/kube`.
 *
 * @throws Error when the server cannot be reached; a status of 4xx or 5xx is an answer
 */
export async function requestApi(
  connection: ApiConnection,
  { method = "GET", path, body, accept = "application/json", signal }: ApiRequest,
): Promise<ApiAnswer> {
  const headers = { authorization: `Bearer ${connection.token}`, accept, "content-type": "application/json" };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await requestServer(connection, { method, path, headers, signal, ...sent });
  const isJson = answer.headers["content-type"]?.startsWith("application/json") ?? false;
  const text = answer.body.toString();
  return { status: answer.status, body: isJson ? JSON.parse(text) : text };
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

import { requestServer } from "../server/server-request.ts";

export interface GiteaRequest {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api/v1`, for example `/repos/me/app/pulls`. */
  path: string;
  body?: object;
}

export interface GiteaAnswer {
  status: number;
  /** Parsed, or the text if the answer is not JSON. */
  body: unknown;
}

/** One request to the API of Gitea; a status of 4xx or 5xx is an answer. */
export type GiteaApi = (request: GiteaRequest) => Promise<GiteaAnswer>;

/** @param authorization value of the header */
export function giteaApi(url: string, authorization: string): GiteaApi {
  return async ({ method = "GET", path, body }) => {
    const answer = await requestServer(
      { url },
      {
        method,
        path: `/api/v1${path}`,
        headers: { authorization, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    );
    const text = answer.body.toString();
    const isJson = answer.headers["content-type"]?.startsWith("application/json") ?? false;
    return { status: answer.status, body: isJson && text !== "" ? JSON.parse(text) : text };
  };
}

/** @throws Error with the answer, if it is a rejection */
export async function expectSuccess(api: GiteaApi, request: GiteaRequest): Promise<unknown> {
  const { status, body } = await api(request);
  if (status < 300) return body;
  throw new Error(`${request.method ?? "GET"} ${request.path}: ${status} ${JSON.stringify(body)}`);
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

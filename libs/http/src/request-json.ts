import { Fault } from "@leat/api";
import { errorMessageIn, parseJsonObject } from "./error-message.ts";
import { type Http, HttpError } from "./http.ts";
import type { JsonObject } from "./json-object.ts";

export interface TextRequest {
  method?: "GET" | "POST" | "PUT";
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Reason of the fault where it fails. */
  reason: string;
  /** Name of the service, at the beginning of messages. */
  service?: string;
  /** A tenant chose the address: messages have nothing of its answer but the status and standard errors. */
  isForeign?: boolean;
  /** What messages must not contain. */
  secrets?: readonly string[];
  /** 30 s where absent. */
  timeoutMs?: number;
  /** 1 MiB where absent. */
  maxBytes?: number;
  signal: AbortSignal;
}

const defaultTimeoutMs = 30_000;
const defaultMaxBytes = 1024 * 1024;

/**
 * The body of an answer with status 200. Redirects are not followed: credentials reach the address alone that they are for.
 *
 * @throws Fault with the given reason where there is no answer, or one with another status, whose message it then has
 */
export async function requestText(http: Http, wanted: TextRequest): Promise<string> {
  const { url, reason, service, isForeign = false, secrets = [], ...request } = wanted;
  const { timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes } = request;
  const subject = service === undefined ? "" : `${service} `;
  try {
    const answer = await http.request(url, { ...request, timeoutMs, maxBytes });
    const text = (await answer.bytes()).toString();
    if (answer.status === 200) return text;
    const words = [`${subject}responded with ${answer.status}`, errorMessageIn(text, { secrets, isForeign })];
    throw new Fault(reason, words.filter(Boolean).join(": "));
  } catch (cause) {
    if (!(cause instanceof HttpError)) throw cause;
    throw new Fault(reason, `${subject}failed to respond: ${cause.message}`, { cause });
  }
}

/** As {@link requestText}, for an answer that is a JSON object. */
export async function requestJson(http: Http, wanted: TextRequest): Promise<JsonObject> {
  const fields = parseJsonObject(await requestText(http, wanted));
  if (fields !== undefined) return fields;
  const words = [wanted.service, "did not respond with a JSON object"];
  throw new Fault(wanted.reason, words.filter(Boolean).join(" "));
}

/** The body of a form, and its type. */
export function formBody(fields: Record<string, string>): { headers: Record<string, string>; body: string } {
  return {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  };
}

import { Reason } from "@leat/api";
import { type Http, type JsonObject, requestJson, type TextRequest } from "@leat/http";

/** How key services are reached. */
export interface KeyServices {
  http: Http;
  /** Addresses in place of the clouds' own. */
  addresses?: { aws?: string | undefined; gcp?: string | undefined; azure?: string | undefined };
  /** What the environment says of AWS: where it gives roles. */
  env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Posts to a key service, or to who gives tokens for it, a body of JSON or of a form.
 *
 * @throws Fault where there is no answer, or a rejection, which may be mended there without anything changing here
 */
export async function postTo(
  { http }: KeyServices,
  request: Omit<TextRequest, "method" | "service" | "reason">,
): Promise<JsonObject> {
  return requestJson(http, { ...request, method: "POST", reason: Reason.AuthenticationFailed });
}

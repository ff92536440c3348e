import { Reason } from "@leat/api";
import { type Http, type JsonObject, requestJson, requestText, type TextRequest } from "@leat/http";

export type CloudRequest = Omit<TextRequest, "reason">;

const reason = Reason.AuthenticationFailed;

/** As `requestText`: whatever fails here is an authentication. */
export async function cloudText(http: Http, request: CloudRequest): Promise<string> {
  return requestText(http, { ...request, reason });
}

/** As `requestJson`: whatever fails here is an authentication. */
export async function cloudJson(http: Http, request: CloudRequest): Promise<JsonObject> {
  return requestJson(http, { ...request, reason });
}

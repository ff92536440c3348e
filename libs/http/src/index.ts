export { elementIn } from "./error-message.ts";
export { isHeaderValue } from "./header.ts";
export {
  createHttp,
  type Http,
  type HttpAnswer,
  HttpError,
  type HttpOptions,
  type HttpRequest,
  type Proxies,
} from "./http.ts";
export { isJsonObject, type JsonObject, textOf } from "./json-object.ts";
export { formBody, requestJson, requestText, type TextRequest } from "./request-json.ts";

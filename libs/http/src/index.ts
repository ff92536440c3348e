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

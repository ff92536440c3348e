/**
 * HTTP requests with limits on time and size, through proxies, with private CAs and client certificates.
 *
 * - `createHttp`: a client with its own connections. `HttpError`: a request that failed, with the status if there was a response.
 * - `connectionProblem`: why there was no connection, in words.
 * - `requestJson`, `requestText`: one request, read as a whole, up to a limit.
 * - `createProxyAgent`: undici's agent for a proxy, for clients of their own.
 * - `createAddressGuard`: addresses that are not contacted for tenants, checked where a connection is made.
 */
export {
  type AddressGuard,
  createAddressGuard,
  DeniedAddress,
  guardedConnector,
  guardedLookup,
  isNetwork,
  portOf,
  requirePermitted,
} from "./address-guard.ts";
export { elementIn } from "./error-message.ts";
export { isHeaderValue } from "./header.ts";
export { connectionProblem, createHttp, type Http, type HttpAnswer, HttpError, type HttpRequest } from "./http.ts";
export { isJsonObject, type JsonObject, textOf } from "./json-object.ts";
export { formBody, requestJson, requestText, type TextRequest } from "./request-json.ts";
export { createHttpPool, type HttpPool, type HttpPoolOptions, type PooledOptions } from "./pool.ts";
export { type Environment, type Proxies, proxiesOf, proxyVariables } from "./proxies.ts";
export { createProxyAgent } from "./proxy-agent.ts";
export type { HttpOptions } from "./routes.ts";

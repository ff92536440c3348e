import type { Environment, Http } from "@leat/http";
import type { TokenCache } from "./token-cache.ts";

/** How clouds are reached, and what the environment says of them: the variables are those of the clouds' own libraries. */
export interface Cloud {
  /** The way out, through proxies where there are any. */
  http: Http;
  /** For what answers on the node itself: no proxy can reach it. */
  local: Http;
  env: Environment;
  cache: TokenCache;
}

/** Something that proves who asks, until it ends. */
export interface Token {
  token: string;
  expiresAt: Date;
}

import type { Setup } from "@leat/controller";
import { createHttp, type Http } from "@leat/http";
import { type CacheUse, createIdentities, type Identities } from "@leat/identity";
import { cloudEnvironment, type Config, proxies } from "./config.ts";

/** What clouds are asked with. */
export interface Clouds extends AsyncDisposable {
  identities: Identities;
  /** The way out. */
  http: Http;
}

export function openClouds({ config, kube, metrics }: Setup<Config>): Clouds {
  const [http, local] = [createHttp({ proxies: proxies() }), createHttp()];
  const { tokenCacheMaxSize: maxSize, tokenCacheMaxDuration: maxDurationMs } = config;
  const identities = createIdentities({
    kube,
    http,
    local,
    env: cloudEnvironment(),
    cache: { maxSize, maxDurationMs, onUse: counting(metrics) },
    permitAccounts: config.featureGates.ObjectLevelWorkloadIdentity,
  });
  return {
    identities,
    http,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([http[Symbol.asyncDispose](), local[Symbol.asyncDispose]()]);
    },
  };
}

/** The series that Flux has for its tokens. */
function counting(metrics: Setup<Config>["metrics"]): (use: CacheUse) => void {
  const requests = metrics.counter("gotk_token_cache_requests_total", "Questions to the cache of tokens.", ["status"]);
  const evictions = metrics.counter("gotk_token_cache_evictions_total", "Tokens that had to make room for others.");
  const items = metrics.gauge("gotk_token_cached_items", "Tokens that are kept.");
  return ({ kind, size }) => {
    items.set(size);
    if (kind === "eviction") evictions.inc();
    else requests.inc({ status: kind === "failure" ? "failure" : "success" });
  };
}

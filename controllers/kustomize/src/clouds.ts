import type { MetricDefinition, Setup } from "@leat/controller";
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
const tokenMetrics = {
  requests: {
    name: "gotk_token_cache_requests_total",
    type: "counter",
    help: "Lookups in the cloud token cache.",
    labels: ["status"],
  },
  evictions: {
    name: "gotk_token_cache_evictions_total",
    type: "counter",
    help: "Cloud tokens evicted from the cache.",
    labels: [],
  },
  items: { name: "gotk_token_cached_items", type: "gauge", help: "Cached cloud tokens.", labels: [] },
} as const satisfies Record<string, MetricDefinition>;

function counting(metrics: Setup<Config>["metrics"]): (use: CacheUse) => void {
  const requests = metrics.counter(tokenMetrics.requests);
  const evictions = metrics.counter(tokenMetrics.evictions);
  const items = metrics.gauge(tokenMetrics.items);
  return ({ kind, size }) => {
    items.set(size);
    if (kind === "eviction") evictions.inc();
    else requests.inc({ status: kind === "failure" ? "failure" : "success" });
  };
}

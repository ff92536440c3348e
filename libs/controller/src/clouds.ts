import { createHttp, type Http } from "@leat/http";
import { type CacheUse, createIdentities, type Identities } from "@leat/identity";
import type { CloudConfig } from "./common-flags.ts";
import type { Setup } from "./definition.ts";
import type { MetricDefinition } from "./metric-catalogue.ts";
import type { Metrics } from "./metrics.ts";

/** Access to clouds. */
export interface Clouds extends AsyncDisposable {
  identities: Identities;
  /** For the clouds' own services. */
  http: Http;
}

export function openClouds({ config, kube, metrics, env, connections }: Setup<CloudConfig>): Clouds {
  const lease = connections.lease();
  // The metadata services of a node are not behind a proxy.
  const local = createHttp();
  const { tokenCacheMaxSize: maxSize, tokenCacheMaxDuration: maxDurationMs } = config;
  const identities = createIdentities({
    kube,
    http: lease.http,
    local,
    env,
    cache: { maxSize, maxDurationMs, onUse: counting(metrics) },
    permitAccounts: config.featureGates.ObjectLevelWorkloadIdentity,
  });
  return {
    identities,
    http: lease.http,
    [Symbol.asyncDispose]: async () => {
      lease[Symbol.dispose]();
      await local[Symbol.asyncDispose]();
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

function counting(metrics: Metrics): (use: CacheUse) => void {
  const requests = metrics.counter(tokenMetrics.requests);
  const evictions = metrics.counter(tokenMetrics.evictions);
  const items = metrics.gauge(tokenMetrics.items);
  return ({ kind, size }) => {
    items.set(size);
    if (kind === "eviction") evictions.inc();
    else requests.inc({ status: kind === "failure" ? "failure" : "success" });
  };
}

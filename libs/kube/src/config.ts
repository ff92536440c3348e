import type { Environment } from "@leat/http";

/** What says where the API server is, unless the caller knows better: `KUBECONFIG`, `KUBERNETES_SERVICE_*`, `HOME`; and the proxies. */
export function processEnvironment(): Environment {
  return process.env;
}

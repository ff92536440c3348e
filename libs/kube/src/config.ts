/** Variables of an environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What says where the API server is, unless the caller knows better: `KUBECONFIG`, `KUBERNETES_SERVICE_*`, `HOME`. */
export function processEnvironment(): Environment {
  return process.env;
}

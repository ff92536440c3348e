import { join } from "node:path";
import type { Environment } from "@leat/http";
import { processEnvironment } from "./config.ts";

/** Where the configuration of a client lies. */
export type ConfigLocation =
  | { kind: "kubeconfig"; path: string }
  | { kind: "in-cluster"; env: Environment; directory?: string | undefined }
  | { kind: "nowhere" };

export interface ConfigLocationOptions {
  /** Path of a kubeconfig, or several with `:` in between. */
  kubeconfig?: string | undefined;
  /** The pod's own service account. */
  inCluster?: boolean | undefined;
  /**
   * Environment to look into, that of the process where absent: `KUBECONFIG`, then the pod's service account where `KUBERNETES_SERVICE_HOST` is set,
   * then `HOME`/.kube/config. The proxies are those that it names.
   */
  env?: Environment | undefined;
  /** Where the service account's files are mounted. */
  serviceAccountDirectory?: string | undefined;
}

/** The first place that the options or the environment name. */
export function configLocationOf({
  kubeconfig,
  inCluster = false,
  env,
  serviceAccountDirectory,
}: ConfigLocationOptions): ConfigLocation {
  const known = env ?? processEnvironment();
  if (kubeconfig !== undefined) return { kind: "kubeconfig", path: kubeconfig };
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST, HOME } = known;
  if (KUBECONFIG && !inCluster) return { kind: "kubeconfig", path: KUBECONFIG };
  if (KUBERNETES_SERVICE_HOST || inCluster)
    return { kind: "in-cluster", env: known, directory: serviceAccountDirectory };
  return HOME ? { kind: "kubeconfig", path: join(HOME, ".kube", "config") } : { kind: "nowhere" };
}

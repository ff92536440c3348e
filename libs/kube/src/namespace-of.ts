import type { ConnectOptions } from "./connect.ts";
import { inClusterNamespace } from "./in-cluster.ts";
import { readContext } from "./kubeconfig-file.ts";
import { configLocationOf } from "./config-location.ts";

/**
 * The namespace that the configuration names for those who name none: that of the kubeconfig's context, or of the pod.
 *
 * @throws Fault `KubeconfigInvalid`
 */
export async function namespaceOf(options: ConnectOptions): Promise<string | undefined> {
  if (options.server !== undefined) return undefined;
  const location = configLocationOf(options);
  switch (location.kind) {
    case "kubeconfig":
      return (await readContext(location.path, { ...options.overrides, context: options.context })).namespace;
    case "in-cluster":
      return inClusterNamespace(location.directory);
    case "nowhere":
      return undefined;
  }
}

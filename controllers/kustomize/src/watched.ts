import type { KubeObject, Resource } from "@leat/api";
import type { Setup } from "@leat/controller";
import type { Change } from "@leat/kube";
import type { Config } from "./config.ts";

/** The namespace whose objects are watched; `undefined` for all of them. */
export function watchedNamespace({ watchAllNamespaces, runtimeNamespace }: Config): string | undefined {
  return watchAllNamespaces ? undefined : runtimeNamespace;
}

export type Find = (namespace: string, name: string) => Promise<KubeObject | undefined>;

/**
 * Finds objects of a kind that need not be served. They are watched from the first question on; those of namespaces that are
 * not watched are read.
 */
export function watchLate(
  { config, watchWhenServed, kube }: Setup<Config>,
  resource: Resource,
  onChange: (change: Change<KubeObject>) => void,
): Find {
  const namespace = watchedNamespace(config);
  const store = watchWhenServed({ resource, namespace }, onChange);
  return async (where, name) =>
    namespace === undefined || namespace === where
      ? store.find(where, name)
      : kube.get({ resource, namespace: where, name });
}

import type { KubeObject, ResourceDefinition } from "@leat/api";
import type { Change, Selection } from "@leat/kube";
import { type CommonConfig, watchedNamespace } from "../common-flags.ts";
import type { Setup } from "../definition.ts";

/** The object as it is known now; `undefined` where there is none. */
export type Find = (namespace: string, name: string) => Promise<KubeObject | undefined>;

/** Whose objects are found. */
export type Findable =
  /** Those that the program itself reconciles, without those of other shards. */
  | { own: ResourceDefinition }
  | {
      selection: Selection;
      /** The kind need not be served: it is watched from the first lookup on. */
      isOptional: boolean;
      onChange: (change: Change<KubeObject>) => void;
    };

/** Finds objects in a watch, and those outside of the watched namespace or shard by a request. */
export function finderOf<Config extends CommonConfig>(setup: Setup<Config>, findable: Findable): Find {
  return "own" in findable ? findOwn(setup, findable.own) : findWatched(setup, findable);
}

function findOwn<Config extends CommonConfig>(
  { config, kube, objects }: Setup<Config>,
  kind: ResourceDefinition,
): Find {
  const own = objects(kind);
  const seesAll = config.watchAllNamespaces && config.watchLabelSelector === undefined;
  return async (namespace, name) =>
    own.get(namespace, name) ?? (seesAll ? undefined : kube.get({ resource: kind, namespace, name }));
}

function findWatched<Config extends CommonConfig>(
  { config, kube, watch, watchWhenServed }: Setup<Config>,
  { selection, isOptional, onChange }: Exclude<Findable, { own: unknown }>,
): Find {
  const watched = watchedNamespace(config);
  const { resource } = selection;
  const store = isOptional ? watchWhenServed(selection, onChange) : watch(selection, onChange);
  return async (namespace, name) => {
    if (watched !== undefined && watched !== namespace) return kube.get({ resource, namespace, name });
    return "find" in store ? store.find(namespace, name) : store.get(namespace, name);
  };
}

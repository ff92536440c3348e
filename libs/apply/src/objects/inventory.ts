import { groupOf, type KubeObject } from "@leat/api";
import { apiVersionOf, nameOf, type ObjectName, versionOf } from "./object-name.ts";
import { compareNames } from "../run/order.ts";

/**
 * One applied object in a status: `id` is `<namespace>_<name>_<group>_<Kind>` with empty parts kept, `v` the API version
 * without its group. The form is Flux's, so that either may take over from the other.
 */
export interface InventoryEntry {
  id: string;
  v: string;
}

export function entryOf(object: KubeObject): InventoryEntry {
  return entryOfName(nameOf(object));
}

export function entryOfName({ apiVersion, kind, namespace = "", name }: ObjectName): InventoryEntry {
  const group = groupOf(apiVersion);
  // Names of roles may hold colons, which the form has no place for.
  const written = group === "rbac.authorization.k8s.io" ? name.replaceAll(":", "__") : name;
  return { id: `${namespace}_${written}_${group}_${kind}`, v: versionOf(apiVersion) };
}

/** `undefined` where the id has another form. */
export function parseEntry({ id, v }: InventoryEntry): ObjectName | undefined {
  // A name may hold underscores, so that it is what is left between the other parts.
  const match = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id);
  if (match === null) return undefined;
  const [, namespace = "", name = "", group = "", kind = ""] = match;
  return {
    apiVersion: apiVersionOf(group, v),
    kind,
    namespace: namespace || undefined,
    name: name.replaceAll("__", ":"),
  };
}

/** What `old` lists and `next` no longer does, whatever the versions; in the order in which to delete it. */
export function diffInventory(old: readonly InventoryEntry[], next: readonly InventoryEntry[]): InventoryEntry[] {
  const kept = new Set(next.map(({ id }) => id));
  return inDeletionOrder(old.filter(({ id }) => !kept.has(id)));
}

/** What others depend on goes last; entries of another form go first, by their id. */
export function inDeletionOrder(entries: readonly InventoryEntry[]): InventoryEntry[] {
  return entries
    .map((entry) => ({ entry, name: parseEntry(entry) }))
    .toSorted((a, b) => {
      if (a.name === undefined || b.name === undefined)
        return Number(b.name === undefined) - Number(a.name === undefined);
      return compareNames(b.name, a.name);
    })
    .map(({ entry }) => entry);
}

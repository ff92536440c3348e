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

const rbacGroup = "rbac.authorization.k8s.io";

export function entryOf(object: KubeObject): InventoryEntry {
  return entryOfName(nameOf(object));
}

export function entryOfName({ apiVersion, kind, namespace = "", name }: ObjectName): InventoryEntry {
  const group = groupOf(apiVersion);
  // Names of roles may hold colons, which the form has no place for.
  const written = group === rbacGroup ? name.replaceAll(":", "__") : name;
  return { id: `${namespace}_${written}_${group}_${kind}`, v: versionOf(apiVersion) };
}

/** The likeliest of {@link namesOf}; `undefined` where the id has another form. */
export function parseEntry(entry: InventoryEntry): ObjectName | undefined {
  return namesOf(entry)[0];
}

/** Names that were written as this id: several if it is a role's and has underscores that may stand for colons. */
export function namesOf({ id, v }: InventoryEntry): ObjectName[] {
  // A name may hold underscores, so that it is what is left between the other parts.
  const match = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(id);
  if (match === null) return [];
  const [, namespace = "", written = "", group = "", kind = ""] = match;
  const names = group === rbacGroup ? readingsOf(written) : [written];
  const of = { apiVersion: apiVersionOf(group, v), kind, namespace: namespace || undefined };
  return names.map((name) => ({ ...of, name }));
}

// Each is looked for in the cluster.
const mostReadings = 64;

/** Most colons first. */
function readingsOf(written: string): string[] {
  let readings = [{ name: "", rest: written }];
  while (readings.some(({ rest }) => rest !== "")) {
    readings = readings.flatMap(({ name, rest }) => {
      const at = rest.indexOf("__");
      if (at < 0) return [{ name: name + rest, rest: "" }];
      const before = name + rest.slice(0, at);
      const colon = { name: `${before}:`, rest: rest.slice(at + 2) };
      return [colon, { name: `${before}_`, rest: rest.slice(at + 1) }];
    });
    readings = readings.slice(0, mostReadings);
  }
  return [...new Set([...readings.map(({ name }) => name), written])];
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

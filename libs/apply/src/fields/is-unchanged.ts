import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "@leat/api";
import { isRecord } from "./json-edit.ts";
import { isKeyOf, ownFieldNames } from "./field-set.ts";
import { isOurApply } from "./managed-fields.ts";

/**
 * Whether a server-side apply of `object` would leave `live` as it is: our manager owns exactly the fields that are declared,
 * and each has the value that is declared. Says no wherever that cannot be told for certain, as of a value that the server
 * writes in another way (`1000m` as `1`) or keeps elsewhere (`stringData`).
 *
 * @param live whole, with its managed fields; their form is that of `FieldsV1`
 *   (sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go)
 */
export function isAsApplied(fieldManager: string, object: KubeObject, live: KubeObject): boolean {
  const entries = (live.metadata.managedFields ?? []).filter((entry) => isOurApply(fieldManager, entry));
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) return false;
  if (entry.apiVersion !== object.apiVersion || live.apiVersion !== object.apiVersion) return false;
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...fields } = object;
  const { name: _name, namespace: _namespace, ...described } = metadata;
  const declared = Object.keys(described).length > 0 ? { ...fields, metadata: described } : fields;
  return isOwned(declared, live, entry.fieldsV1 ?? {});
}

/** @param owned the part of `FieldsV1` for this value */
function isOwned(declared: unknown, live: unknown, owned: Record<string, unknown>): boolean {
  // A dot says that the value itself is owned too, beside what it holds.
  const keys = ownFieldNames(owned);
  if (keys.length === 0) return isDeepStrictEqual(declared, live);
  if (isRecord(declared) && isRecord(live)) {
    const names = Object.keys(declared);
    return (
      names.length === keys.length && names.every((name) => isPartOwned(declared[name], live[name], owned, `f:${name}`))
    );
  }
  if (!Array.isArray(declared) || !Array.isArray(live) || declared.length !== keys.length) return false;
  return areItemsOwned(declared, live, owned);
}

function isPartOwned(declared: unknown, live: unknown, owned: Record<string, unknown>, key: string): boolean {
  const part = owned[key];
  return isRecord(part) && isOwned(declared, live, part);
}

/** Items of a list that is merged by keys, or of a set: the order of those that are declared counts too. */
function areItemsOwned(
  declared: readonly unknown[],
  live: readonly unknown[],
  owned: Record<string, unknown>,
): boolean {
  const left = new Set(ownFieldNames(owned));
  let after = -1;
  return declared.every((item) => {
    const found = [...left].filter((key) => isKeyOf(key, item));
    const [key] = found;
    if (key === undefined || found.length > 1) return false;
    left.delete(key);
    const at = live.findIndex((one, index) => index > after && isKeyOf(key, one));
    if (at === -1) return false;
    after = at;
    return isPartOwned(item, live[at], owned, key);
  });
}

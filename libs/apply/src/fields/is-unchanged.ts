import { hash } from "node:crypto";
import type { KubeObject } from "@leat/api";
import { parseJson } from "@leat/json";
import { isRecord } from "./json-edit.ts";
import { ownFieldNames } from "./field-set.ts";
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
  return appliedDigest(fieldManager, live) === declaredDigest(object);
}

/** Equal to {@link appliedDigest} of what an apply of the object would leave as it is, and of nothing else. */
export function declaredDigest({ apiVersion, kind: _kind, metadata, ...fields }: KubeObject): string {
  const { name: _name, namespace: _namespace, ...described } = metadata;
  const declared = Object.keys(described).length > 0 ? { ...fields, metadata: described } : fields;
  return digestOf(apiVersion, declared);
}

/** Digest of the fields that our manager owns, with their values; `undefined` where what was applied cannot be told from them. */
export function appliedDigest(fieldManager: string, live: KubeObject): string | undefined {
  const [entry, ...more] = (live.metadata.managedFields ?? []).filter((one) => isOurApply(fieldManager, one));
  if (entry === undefined || more.length > 0 || entry.apiVersion !== live.apiVersion) return undefined;
  const owned = ownedPart(live, entry.fieldsV1 ?? {});
  return owned === unclear ? undefined : digestOf(live.apiVersion, owned);
}

const unclear = Symbol("unclear");

/** @param owned the part of `FieldsV1` for this value */
function ownedPart(live: unknown, owned: Record<string, unknown>): unknown {
  // A dot says that the value itself is owned too, beside what it holds.
  const keys = ownFieldNames(owned);
  if (keys.length === 0) return live;
  if (Array.isArray(live)) return ownedItems(live, owned, keys);
  if (!isRecord(live)) return unclear;
  const parts = keys.map((key): [name: string, part: unknown] => {
    const name = key.slice(2);
    return [name, key.startsWith("f:") && Object.hasOwn(live, name) ? partOf(live[name], owned[key]) : unclear];
  });
  return parts.some(([, part]) => part === unclear) ? unclear : Object.fromEntries(parts);
}

/** Items of a list that is merged by keys, or of a set, in their order: that counts too. */
function ownedItems(live: readonly unknown[], owned: Record<string, unknown>, keys: readonly string[]): unknown {
  const left = new Map(keys.map((key) => [canonical(parseJson(key.slice(2))), key]));
  if (left.size < keys.length || !keys.every((key) => key.startsWith("v:") || key.startsWith("k:"))) return unclear;
  const shapes = shapesOf(keys);
  const items = live.flatMap((item) => {
    const text = [canonical(item), ...shapes.map((names) => canonical(picked(item, names)))].find((one) =>
      left.has(one),
    );
    const key = text === undefined ? undefined : left.get(text);
    if (text === undefined || key === undefined) return [];
    left.delete(text);
    return [partOf(item, owned[key])];
  });
  return left.size > 0 || items.includes(unclear) ? unclear : items;
}

/** The names of fields that make a key; almost always the same for all keys of a list. */
function shapesOf(keys: readonly string[]): string[][] {
  const shapes = new Map<string, string[]>();
  for (const key of keys) {
    if (!key.startsWith("k:")) continue;
    const names = Object.keys(parseJson(key.slice(2)) as object);
    shapes.set(names.join(), names);
  }
  return [...shapes.values()];
}

/** The server fills in what an item lacks of its key. */
function picked(item: unknown, names: readonly string[]): unknown {
  return isRecord(item) ? Object.fromEntries(names.map((name) => [name, item[name]])) : undefined;
}

function partOf(value: unknown, owned: unknown): unknown {
  return isRecord(owned) ? ownedPart(value, owned) : unclear;
}

function digestOf(apiVersion: string, fields: unknown): string {
  return hash("sha256", `${apiVersion} ${canonical(fields)}`, "base64url");
}

/** JSON whose text does not depend on the order of fields. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? "null";
  const fields = Object.keys(value)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${fields.join()}}`;
}

import { isDeepStrictEqual } from "node:util";
import { parseJson } from "@leat/json";
import { isRecord } from "./json-edit.ts";
import type { Path } from "./ignore-rules.ts";

/**
 * Fields of an object in the notation of `FieldsV1` (sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go). A field
 * without names below it stands for all that it holds.
 */
export type FieldSet = Readonly<Record<string, unknown>>;

/**
 * Whether the set has a field, or a part of what the field holds.
 *
 * @param whole the object that the path leads into
 */
export function hasField(set: FieldSet | undefined, path: Path, whole: unknown): boolean {
  const [step, ...rest] = path;
  if (set === undefined) return false;
  const names = ownFieldNames(set);
  if (step === undefined || names.length === 0) return true;
  const name = names.find((one) => stepOf(one, whole) === step);
  return name !== undefined && hasField(partOf(set, name), rest, partAt(whole, step));
}

/** Paths to those fields in `whole` that the set has and the other one has not. */
export function fieldsBeyond(set: FieldSet, other: FieldSet | undefined, whole: unknown): Path[] {
  const names = ownFieldNames(set);
  if (names.length === 0) return other === undefined ? [[]] : [];
  if (other !== undefined && ownFieldNames(other).length === 0) return [];
  return names.flatMap((name) => {
    const step = stepOf(name, whole);
    if (step === undefined) return [];
    const part = partOf(set, name) ?? {};
    return fieldsBeyond(part, partOf(other, name), partAt(whole, step)).map((rest) => [step, ...rest]);
  });
}

/** Names of what the set has of its own; a dot says only that the value itself is in it too. */
export function ownFieldNames(set: FieldSet | undefined): string[] {
  return Object.keys(set ?? {}).filter((name) => name !== ".");
}

export function partOf(set: FieldSet | undefined, name: string): FieldSet | undefined {
  const part: unknown = set?.[name];
  return isRecord(part) ? part : undefined;
}

/** What the set has below a path of fields. */
export function partBelow(set: FieldSet | undefined, fields: readonly string[]): FieldSet | undefined {
  return fields.reduce<FieldSet | undefined>((part, field) => partOf(part, `f:${field}`), set);
}

/** Whether a key of an item (`k:{"name":"app"}`, `v:"text"`) is that of this one; what it lacks, the server may have filled in. */
export function isKeyOf(key: string, item: unknown): boolean {
  const value: unknown = parseJson(key.slice(2));
  if (key.startsWith("v:")) return isDeepStrictEqual(value, item);
  if (!key.startsWith("k:") || !isRecord(value) || !isRecord(item)) return false;
  return Object.entries(value).every(([name, part]) => item[name] === undefined || isDeepStrictEqual(item[name], part));
}

/** Where a name of a set leads to; `undefined` where that is not there. */
function stepOf(name: string, whole: unknown): string | undefined {
  if (Array.isArray(whole)) {
    const index = whole.findIndex((item) => isKeyOf(name, item));
    return index < 0 ? undefined : String(index);
  }
  const field = name.slice(2);
  return name.startsWith("f:") && isRecord(whole) && Object.hasOwn(whole, field) ? field : undefined;
}

function partAt(whole: unknown, step: string): unknown {
  return Array.isArray(whole) ? (whole[Number(step)] as unknown) : isRecord(whole) ? whole[step] : undefined;
}

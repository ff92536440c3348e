import { isKeyOf } from "./as-applied.ts";
import { isRecord } from "./edit.ts";
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
  const names = namesIn(set);
  if (step === undefined || names.length === 0) return true;
  const name = names.find((one) => stepOf(one, whole) === step);
  return name !== undefined && hasField(partOf(set, name), rest, partAt(whole, step));
}

/** Paths to those fields in `whole` that the set has and the other one has not. */
export function fieldsBeyond(set: FieldSet, other: FieldSet | undefined, whole: unknown): Path[] {
  const names = namesIn(set);
  if (names.length === 0) return other === undefined ? [[]] : [];
  if (other !== undefined && namesIn(other).length === 0) return [];
  return names.flatMap((name) => {
    const step = stepOf(name, whole);
    if (step === undefined) return [];
    const part = partOf(set, name) ?? {};
    return fieldsBeyond(part, other && partOf(other, name), partAt(whole, step)).map((rest) => [step, ...rest]);
  });
}

/** A dot says only that the value itself is in the set too. */
function namesIn(set: FieldSet): string[] {
  return Object.keys(set).filter((name) => name !== ".");
}

function partOf(set: FieldSet, name: string): FieldSet | undefined {
  const part = set[name];
  return isRecord(part) ? part : undefined;
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

import { foldName } from "./fold-name.ts";
import { Rejection } from "./rejection.ts";

/** A YAML mapping. */
export type Fields = Record<string, unknown>;

export function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where a value stands, for messages: a file of the repository and the path of fields in it. */
export interface Place {
  file: string;
  field: string;
}

/**
 * The value of a field whatever the case of its name, as kustomize reads it.
 *
 * @throws Rejection where two keys are the same name to kustomize
 */
export function valueOf(fields: Fields, name: string, place: Place): unknown {
  const keys = Object.keys(fields).filter((key) => foldName(key) === foldName(name));
  if (keys.length > 1)
    throw new Rejection(
      `${place.file}: ${at(place, name)} is defined twice, as ${keys.join(" and ")}; keep one of them`,
    );
  const [key] = keys;
  return key === undefined ? undefined : fields[key];
}

/** The elements of a list with the place of each; none where the field is absent. */
export function elementsOf(value: unknown, place: Place): Array<[element: unknown, place: Place]> {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Rejection(`${place.file}: ${place.field} must be a list`);
  return value.map((element, index) => [element, { ...place, field: `${place.field}[${index}]` }]);
}

/** @throws Rejection where it is not a string, or empty */
export function textOf(value: unknown, place: Place): string {
  if (typeof value !== "string") throw new Rejection(`${place.file}: ${place.field} must be a string`);
  if (value === "") throw new Rejection(`${place.file}: ${place.field} is empty; name a file or remove the entry`);
  return value;
}

/** The place of a field within another. */
export function inside(place: Place, name: string): Place {
  return { ...place, field: at(place, name) };
}

function at({ field }: Place, name: string): string {
  return field === "" ? name : `${field}.${name}`;
}

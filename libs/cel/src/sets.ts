import type { Environment } from "@marcbachmann/cel-js";
import { Duration, UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import { addNamespace } from "./namespace.ts";

/** cel-go's extension for sets: lists of which neither order nor repetition counts. */
export function addSets(environment: Environment): void {
  addNamespace(environment, "sets", {
    "contains(list, list): bool": (all: unknown[], some: unknown[]) => contains(all, some),
    "equivalent(list, list): bool": (one: unknown[], other: unknown[]) => contains(one, other) && contains(other, one),
    "intersects(list, list): bool": (one: unknown[], other: unknown[]) => !keysOf(one).isDisjointFrom(keysOf(other)),
  });
}

function contains(all: unknown[], some: unknown[]): boolean {
  return keysOf(some).isSubsetOf(keysOf(all));
}

function keysOf(list: unknown[]): Set<string> {
  return new Set(list.map(keyOf));
}

/** A text that equal values have in common; numbers are equal whatever their types. */
function keyOf(value: unknown): string {
  if (typeof value === "bigint" || value instanceof UnsignedInt) return `#${String(value)}`;
  if (typeof value === "number") return Number.isInteger(value) ? `#${BigInt(value)}` : `#${value}`;
  if (value instanceof Uint8Array) return `b${value.toHex()}`;
  if (value instanceof Date || value instanceof Duration) return `t${value.valueOf()}`;
  if (Array.isArray(value)) return `[${value.map(keyOf).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? typeof value;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${keyOf(member)}`);
  return `{${members.toSorted().join(",")}}`;
}

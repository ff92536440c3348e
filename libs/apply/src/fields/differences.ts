import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "@leat/api";
import { isRecord } from "./json-edit.ts";
import type { Path } from "./ignore-rules.ts";
import { setByServer } from "../objects/render.ts";

/**
 * Paths to what is different in two states of an object: the values that are, or a list where its length is. What the server
 * keeps of an object by itself does not count, and neither does its status.
 */
export function differencesOf(before: KubeObject, after: KubeObject): Path[] {
  return compare(contentOf(before), contentOf(after));
}

/** Whether the path, or one that contains it, is one of these. */
export function isWithin(path: Path, places: readonly Path[]): boolean {
  return places.some((place) => place.length <= path.length && place.every((step, index) => step === path[index]));
}

/** `undefined` where there is nothing. */
export function valueAt(whole: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, step) => (part as Record<string, unknown> | null | undefined)?.[step], whole);
}

function contentOf({
  apiVersion: _apiVersion,
  kind: _kind,
  status: _status,
  metadata,
  ...content
}: KubeObject): object {
  const kept = { ...metadata };
  for (const field of setByServer) delete kept[field];
  return { ...content, metadata: kept };
}

function compare(before: unknown, after: unknown): Path[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => below(String(index), compare(item, after[index])));
  }
  const [old, next] = [before ?? {}, after ?? {}];
  if (!isRecord(old) || !isRecord(next)) return [[]];
  const names = [...new Set([...Object.keys(old), ...Object.keys(next)])];
  // One of the two is not there, and the other is empty.
  if (names.length === 0) return [[]];
  return names.flatMap((name) => below(name, compare(own(old, name), own(next, name))));
}

/** A field may be named like a property of every object, such as `constructor`. */
function own(part: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(part, name) ? part[name] : undefined;
}

function below(step: string, paths: readonly Path[]): Path[] {
  return paths.map((path) => [step, ...path]);
}

import { isJsonObject, type JsonObject } from "@leat/http";
import { Rejection } from "./rejection.ts";

type Tree = Map<string, Tree | string>;

/** Steps of a key; sops itself writes at most five. */
const maxDepth = 20;

/** Values: a thousand keys have no more. */
const maxEntries = 10_000;

/** The metadata that a format of lines holds flat, one line a value: `age__list_0__map_recipient`. */
export function unflatten(entries: Iterable<readonly [key: string, text: string]>): JsonObject {
  const root: Tree = new Map();
  let count = 0;
  for (const [key, text] of entries) {
    const steps = key.split(/__map_|__list_/);
    count += 1;
    if (count > maxEntries) throw new Rejection(`has metadata of more than ${maxEntries} values`);
    if (steps.length > maxDepth) throw new Rejection(`has metadata deeper than ${maxDepth} levels`);
    const name = steps.pop() ?? "";
    steps.reduce(descend, root).set(name, text);
  }
  const value = valueOf(root);
  return isJsonObject(value) ? value : {};
}

function descend(tree: Tree, step: string): Tree {
  const next = tree.get(step);
  if (next instanceof Map) return next;
  const branch: Tree = new Map();
  tree.set(step, branch);
  return branch;
}

/** What is numbered from 0 is a list. */
function valueOf(tree: Tree | string): unknown {
  if (typeof tree === "string") return tree;
  const entries = [...tree].map(([key, member]) => [key, valueOf(member)] as const);
  const isList = entries.length > 0 && entries.every(([key], index) => key === String(index));
  return isList ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

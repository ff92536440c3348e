import type { KubeObject } from "@leat/api";
import { isRecord } from "../fields/json-edit.ts";
import { nameOf, subjectOf } from "./object-name.ts";
import { compareNames, type Stage, stageOf, stages } from "../run/order.ts";
import { Rejection } from "./rejection.ts";

/** An object as it comes from the source. */
export interface Declared {
  object: KubeObject;
  /** Where in the source it comes from, for messages. */
  file?: string | undefined;
  /** Values in it, or parts of values, that may not be told. */
  secrets?: readonly string[] | undefined;
}

export interface StagedObjects {
  stage: Stage;
  /** In the order of applying. */
  objects: Declared[];
}

/**
 * Sorts what is declared into stages; lists are taken apart.
 *
 * @throws Rejection where the objects contradict each other
 */
export function stageObjects(declared: readonly Declared[], customKinds: ReadonlySet<string>): StagedObjects[] {
  const objects = declared.flatMap(takeApart);
  for (const one of objects) rejectUnfit(one);
  const sorted = objects.toSorted((a, b) => compareNames(nameOf(a.object), nameOf(b.object)));
  rejectDoubles(sorted);
  const byStage = Map.groupBy(sorted, ({ object }) => stageOf(nameOf(object), customKinds));
  return stages.flatMap((stage) => {
    const members = byStage.get(stage);
    return members === undefined ? [] : [{ stage, objects: members }];
  });
}

function takeApart(declared: Declared): Declared[] {
  const { object } = declared;
  const { items } = object;
  if (object.apiVersion !== "v1" || object.kind !== "List" || !Array.isArray(items)) return [declared];
  return items.filter(isRecord).flatMap((item) => takeApart({ ...declared, object: item as KubeObject }));
}

function rejectUnfit({ object, file }: Declared): void {
  const missing = ["apiVersion", "kind"].filter((field) => typeof object[field] !== "string" || object[field] === "");
  if (typeof object.metadata?.name !== "string" || object.metadata.name === "") missing.push("metadata.name");
  if (missing.length > 0) {
    const where = file === undefined ? "" : ` (file ${file})`;
    throw new Rejection(`invalid object${where}: missing ${missing.join(", ")}`);
  }
}

/** Neighbours in the order are the same object where only their versions differ. */
function rejectDoubles(sorted: readonly Declared[]): void {
  for (const [index, { object, file }] of sorted.entries()) {
    const other = sorted[index + 1];
    if (other === undefined || compareNames(nameOf(object), nameOf(other.object)) !== 0) continue;
    const files = [file, other.file].filter((name) => name !== undefined);
    const where = files.length === 0 ? "" : ` (files ${files.join(", ")})`;
    throw new Rejection(`${subjectOf(nameOf(object))}${where} is declared more than once`);
  }
}

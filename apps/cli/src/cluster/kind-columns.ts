import type { KubeObject, ResourceDefinition } from "@leat/api";
import {
  ageColumn,
  type Column,
  message,
  name,
  ready,
  revisionColumn,
  suspended,
  textAt,
} from "../terminal/columns.ts";
import { sourceOf } from "./kinds.ts";

/** The columns of kubectl that stand for one of the columns which all kinds have here. */
const replaced = new Set(["Age", "Ready", "Status", "Revision"]);

/**
 * The columns of a kind: what all kinds have, and those of `kubectl get`, which are shown with `-o wide`. The column
 * Revision of `kubectl get` is shown always.
 */
export function columnsOf(kind: ResourceDefinition): Column[] {
  const columns = Object.entries(kind.columns).map(
    ([header, column]) => [header, pathOf(typeof column === "string" ? column : column.path)] as const,
  );
  return [
    name,
    ...(hasSource(kind) ? [sourceColumn(kind)] : []),
    ...columns.filter(([header]) => !replaced.has(header)).map(([header, path]) => wideColumn(header, path)),
    ...columns.filter(([header]) => header === "Revision").map(([, path]) => revisionColumn(path)),
    suspended,
    ready,
    ageColumn,
    message,
  ];
}

/** `.spec.url` → `spec`, `url` */
function pathOf(jsonPath: string): string[] {
  return jsonPath.split(".").slice(1);
}

function wideColumn(header: string, path: readonly string[]): Column {
  return { header: header.toUpperCase(), cell: (object) => textAt(object, ...path), wide: true };
}

function sourceColumn(kind: ResourceDefinition): Column {
  const cell = (object: KubeObject) => {
    const source = sourceOf(kind, object);
    return source === undefined ? "" : `${source.kind}/${source.name}`;
  };
  return { header: "SOURCE", cell, wide: true };
}

/** Whether objects of the kind have a source, as its example does. */
function hasSource(kind: ResourceDefinition): boolean {
  const { apiVersion, example } = kind;
  return sourceOf(kind, { apiVersion, kind: kind.kind, metadata: { name: "" }, spec: example }) !== undefined;
}

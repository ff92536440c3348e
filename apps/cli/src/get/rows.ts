import type { KubeObject, ResourceDefinition } from "@leat/api";
import { columnsOf } from "../cluster/kind-columns.ts";
import { name, namespace, type Column } from "../terminal/columns.ts";
import type { Query } from "./query.ts";

/** The columns that a query shows of a kind: with several kinds, names say of which they are. */
export function columnsFor(kind: ResourceDefinition, { target, allNamespaces, format }: Query): Column[] {
  const prefixed: Column = {
    header: name.header,
    cell: ({ metadata }: KubeObject) => `${kind.kind.toLowerCase()}/${metadata.name}`,
  };
  const shown = columnsOf(kind)
    .filter(({ wide = false }) => !wide || format === "wide")
    .map((column) => (column === name && target.kinds.length > 1 ? prefixed : column));
  return allNamespaces ? [namespace, ...shown] : shown;
}

import type { KubeObject } from "@leat/api";
import { name, namespace, type Column } from "../terminal/columns.ts";
import type { CliKind } from "../cluster/kinds.ts";
import type { Query } from "./query.ts";

/** The columns that a query shows of a kind: with several kinds, names say of which they are. */
export function columnsFor({ definition, columns }: CliKind, { target, allNamespaces, format }: Query): Column[] {
  const prefixed: Column = {
    header: name.header,
    cell: ({ metadata }: KubeObject) => `${definition.kind.toLowerCase()}/${metadata.name}`,
  };
  const shown = columns
    .filter(({ wide = false }) => !wide || format === "wide")
    .map((column) => (column === name && target.kinds.length > 1 ? prefixed : column));
  return allNamespaces ? [namespace, ...shown] : shown;
}

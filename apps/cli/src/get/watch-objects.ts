import type { KubeObject, ResourceDefinition } from "@leat/api";
import { message } from "../terminal/columns.ts";
import type { Context } from "../program/context.ts";
import { type Change, follow } from "../cluster/follow.ts";
import { readable, serialized } from "../terminal/output.ts";
import { tableLines, widthsOf } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import type { Query } from "./query.ts";
import { columnsFor } from "./rows.ts";

/** Prints what a query finds, and each change of it, until the signal aborts. */
export async function watchObjects(cluster: Cluster, query: Query, { out }: Context): Promise<void> {
  const { target, labelSelector, filter, format } = query;
  const stop = new AbortController();
  const signal = AbortSignal.any([cluster.signal, stop.signal]);
  const isNamed = ({ metadata }: KubeObject) => target.names.length === 0 || target.names.includes(metadata.name);
  const [only] = target.names.length === 1 ? target.names : [];
  const watching = target.kinds.map(async (kind) => {
    const selection = {
      resource: kind,
      namespace: cluster.scope,
      labelSelector,
      fieldSelector: only === undefined ? undefined : `metadata.name=${only}`,
    };
    const write = format === "table" || format === "wide" ? rowWriter(kind, query, out) : objectWriter(format, out);
    for await (const changes of follow({ ...cluster, signal }, selection)) {
      write(changes.filter(({ object }) => isNamed(object) && filter(object)));
    }
  });
  try {
    await Promise.all(watching);
  } finally {
    stop.abort();
  }
}

type Write = (changes: readonly Change[]) => void;

/** Rows under one header; a column gets wider where a later cell is, and never narrower. */
function rowWriter(kind: ResourceDefinition, query: Query, out: Terminal): Write {
  const columns = columnsFor(kind, query);
  const headers = columns.map(({ header }) => header);
  // Room for a revision and the like, which come later.
  let widths = headers.map((header) => header.length + 4);
  let needsHeader = query.header;
  return (changes) => {
    if (changes.length === 0) return;
    const rows = changes.map(({ object, gone }) =>
      columns.map((column) => (gone && column === message ? "deleted" : column.cell(object))),
    );
    if (needsHeader) rows.unshift(headers);
    needsHeader = false;
    widths = widthsOf([...rows, widths.map((width) => " ".repeat(width))]);
    out.line(tableLines(rows, out.style, widths).join("\n"));
  };
}

/** One JSON object a line, YAML documents, or names. */
function objectWriter(format: "json" | "yaml" | "name", out: Terminal): Write {
  return (changes) => {
    for (const { object, gone } of changes) {
      if (gone) continue;
      if (format === "json") out.line(JSON.stringify(readable(object)));
      else out.line(`${format === "yaml" ? "---\n" : ""}${serialized([object], format, true)}`);
    }
  };
}

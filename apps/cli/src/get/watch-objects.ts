import type { KubeObject } from "@leat/api";
import type { Context } from "../context.ts";
import { follow } from "../follow.ts";
import type { CliKind } from "../kinds.ts";
import { readable, serialized } from "../output.ts";
import { tableLines, widthsOf } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import type { Cluster } from "../with-cluster.ts";
import type { Query } from "./query.ts";
import { columnsFor } from "./rows.ts";

/** Prints what a query finds, and each change of it, until the signal aborts. */
export async function watchObjects(cluster: Cluster, query: Query, { out }: Context): Promise<void> {
  const { target, labelSelector, filter, format } = query;
  const stop = new AbortController();
  const signal = AbortSignal.any([cluster.signal, stop.signal]);
  const [only] = target.names.length === 1 ? target.names : [];
  const watching = target.kinds.map(async (kind) => {
    const selection = {
      resource: kind.definition,
      namespace: cluster.scope,
      labelSelector,
      fieldSelector: only === undefined ? undefined : `metadata.name=${only}`,
    };
    const write = format === "table" || format === "wide" ? rowWriter(kind, query, out) : objectWriter(format, out);
    await follow({ ...cluster, signal }, selection, (object, gone) => {
      const isNamed = target.names.length === 0 || target.names.includes(object.metadata.name);
      if (isNamed && filter(object)) write(object, gone);
    });
  });
  try {
    await Promise.all(watching);
  } finally {
    stop.abort();
  }
}

type Write = (object: KubeObject, gone: boolean) => void;

/** Rows under one header; a column gets wider where a later cell is, and never narrower. */
function rowWriter(kind: CliKind, query: Query, out: Terminal): Write {
  const columns = columnsFor(kind, query);
  const headers = columns.map(({ header }) => header);
  // Room for a revision and the like, which come later.
  let widths = headers.map((header) => header.length + 4);
  let needsHeader = query.header;
  return (object, gone) => {
    const row = columns.map(({ header, cell }) => (gone && header === "MESSAGE" ? "deleted" : cell(object)));
    const rows = needsHeader ? [headers, row] : [row];
    needsHeader = false;
    widths = widthsOf([...rows, widths.map((width) => " ".repeat(width))]);
    for (const line of tableLines(rows, out.style, widths)) out.line(line);
  };
}

/** One JSON object a line, YAML documents, or names. */
function objectWriter(format: "json" | "yaml" | "name", out: Terminal): Write {
  return (object, gone) => {
    if (gone) return;
    if (format === "json") out.line(JSON.stringify(readable(object)));
    else out.line(`${format === "yaml" ? "---\n" : ""}${serialized([object], format, true)}`);
  };
}

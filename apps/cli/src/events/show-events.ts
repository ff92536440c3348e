import type { Context } from "../program/context.ts";
import type { Selection } from "@leat/kube";
import { follow } from "../cluster/follow.ts";
import { type Cell, tableLines, widthsOf } from "../terminal/table.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import { eventCells, type EventFacts, factsOf, inOrder } from "./event.ts";

export interface EventQuery {
  selections: readonly Selection[];
  filter: (event: EventFacts) => boolean;
  header: boolean;
  /** A column for the namespace. */
  allNamespaces: boolean;
}

const headers = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];

/** Prints the events that there are. */
export async function listEvents(cluster: Cluster, query: EventQuery, { out, err }: Context): Promise<void> {
  cluster.waitFor("the list of events");
  const lists = await Promise.all(
    query.selections.map((selection) => cluster.kube.list(selection, { signal: cluster.signal })),
  );
  const events = inOrder(lists.flatMap(({ objects }) => objects.map(factsOf)).filter(query.filter));
  if (events.length === 0) err.line("No events found; the API server keeps them for one hour.");
  else out.line(tableLines(rowsOf(events, query, query.header), out.style).join("\n"));
}

/** Prints the events that there are, and those that come, until the signal aborts. */
export async function watchEvents(cluster: Cluster, query: EventQuery, { out }: Context): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([cluster.signal, stop.signal]);
  let widths = [12, 8, 24, 32];
  let needsHeader = query.header;
  const watching = query.selections.map(async (selection) => {
    for await (const changes of follow({ ...cluster, signal }, selection)) {
      const news = changes.filter(({ gone }) => !gone).map(({ object }) => factsOf(object));
      const rows = rowsOf(inOrder(news.filter(query.filter)), query, needsHeader);
      needsHeader &&= rows.length === 0;
      widths = widthsOf([...rows, widths.map((width) => " ".repeat(width))]);
      for (const line of tableLines(rows, out.style, widths)) out.line(line);
    }
  });
  try {
    await Promise.all(watching);
  } finally {
    stop.abort();
  }
}

function rowsOf(events: readonly EventFacts[], { allNamespaces }: EventQuery, header: boolean): Cell[][] {
  if (events.length === 0) return [];
  const rows = events.map((event) => [...(allNamespaces ? [event.namespace] : []), ...eventCells(event)]);
  return header ? [[...(allNamespaces ? ["NAMESPACE"] : []), ...headers], ...rows] : rows;
}

import type { KubeObject, ResourceDefinition } from "@leat/api";
import type { Context } from "../program/context.ts";
import { findNamed, KindMissing, listObjects } from "../cluster/find.ts";
import { serialized } from "../terminal/output.ts";
import { tableLines } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Cluster } from "../cluster/with-cluster.ts";
import type { Query } from "./query.ts";
import { columnsFor } from "./rows.ts";

interface Found {
  kind: ResourceDefinition;
  objects: KubeObject[];
}

/**
 * Prints what a query finds.
 *
 * @throws Failure for a name that does not exist
 */
export async function getObjects(cluster: Cluster, query: Query, { out, err }: Context): Promise<void> {
  const found = await find(cluster, query);
  const { format, target } = query;
  if (format !== "table" && format !== "wide") {
    const objects = found.flatMap(({ objects: each }) => each);
    out.line(serialized(objects, format, target.names.length === 1 && !query.allNamespaces));
    return;
  }
  const tables = found.filter(({ objects }) => objects.length > 0).map((each) => tableOf(each, query, out.style));
  if (tables.length > 0) out.line(tables.join("\n\n"));
  else err.line(`Found ${nothing(cluster, query)}.`);
}

async function find(cluster: Cluster, query: Query): Promise<Found[]> {
  const { target, labelSelector, filter } = query;
  const isOneOfMany = target.kinds.length > 1;
  const found = await Promise.all(
    target.kinds.map(async (kind) => {
      const named = target.names.map((each) => findNamed(cluster, kind, each));
      const listing =
        named.length > 0
          ? Promise.all(named).then((each) => each.flat())
          : listObjects(cluster, kind, { labelSelector });
      const objects = await listing.catch((error: unknown) => {
        // A cluster need not know every kind there is.
        if (isOneOfMany && error instanceof KindMissing) return undefined;
        throw error;
      });
      return { kind, objects: objects?.filter(filter) };
    }),
  );
  const known = found.filter((each): each is Found => each.objects !== undefined);
  const [first] = target.kinds;
  if (known.length === 0 && first !== undefined) throw new KindMissing(first);
  return known;
}

function tableOf({ kind, objects }: Found, query: Query, style: Terminal["style"]): string {
  const columns = columnsFor(kind, query);
  const rows = objects.map((object) => columns.map(({ cell }) => cell(object)));
  return tableLines(query.header ? [columns.map(({ header }) => header), ...rows] : rows, style).join("\n");
}

function nothing({ scope }: Cluster, { target, labelSelector }: Query): string {
  const what = target.kinds.map(({ plural }) => plural).join(" or ");
  const where = scope === undefined ? "in any namespace" : `in namespace ${scope}; use -A for all namespaces`;
  return `no ${what}${labelSelector === undefined ? "" : ` with labels ${labelSelector}`} ${where}`;
}

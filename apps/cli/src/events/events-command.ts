import { core } from "@leat/api";
import { InvalidArgumentError } from "commander";
import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import type { EventFacts } from "./event.ts";
import { eventsFor, isOurs } from "./select.ts";
import { listEvents, watchEvents } from "./show-events.ts";
import { objectOf } from "../cluster/kinds.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface EventsOptions extends ClusterOptions {
  for?: string;
  types?: string[];
  header: boolean;
  watch?: boolean;
}

/** `leat events` */
export function events(context: Context): LeatCommand {
  const command = new LeatCommand("events")
    .summary("list events of objects and their sources")
    .description(
      "Lists events of the controllers, newest last: for one object and its source, or for the whole namespace.",
    )
    .option("--for <kind/name>", "only events for this object and its source")
    .option("--types <types>", "only events of these types: Normal, Warning", typesOf)
    .option("--no-header", "do not print headers")
    .option("-w, --watch", "watch for changes")
    .example("events --for ks/apps", "why is it in this state?")
    .example("events -A --types Warning -w", "watch warnings in all namespaces");
  return takingCluster(command, { lists: true }).action(
    async ({ watch = false, types, allNamespaces = false, header, ...options }: EventsOptions) => {
      const wanted = options.for === undefined ? undefined : objectOf([options.for]);
      const ofType = ({ type }: EventFacts) => types === undefined || types.includes(type.toLowerCase());
      await withCluster(
        context,
        { ...options, allNamespaces },
        async (cluster) => {
          const selections =
            wanted === undefined
              ? [{ resource: core.Event, namespace: cluster.scope }]
              : await eventsFor(cluster, wanted.kind, wanted.name);
          const query = {
            selections,
            filter: (event: EventFacts) => isOurs(event) && ofType(event),
            header,
            allNamespaces,
          };
          await (watch ? watchEvents : listEvents)(cluster, query, context);
        },
        { endless: watch },
      );
    },
  );
}

function typesOf(text: string): string[] {
  const types = text.split(",").map((type) => type.trim().toLowerCase());
  if (!types.every((type) => type === "normal" || type === "warning"))
    throw new InvalidArgumentError("The types are Normal and Warning.");
  return types;
}

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
    .summary("list what the controllers told of objects")
    .description(
      "Lists what the controllers told of objects, the newest last: those of one object with its source's, or all in the namespace.",
    )
    .option("--for <kind/name>", "only events about this object, and about its source")
    .option("--types <types>", "only events of these types: Normal, Warning", typesOf)
    .option("--no-header", "leave the line of headers out")
    .option("-w, --watch", "go on with what comes, until Ctrl-C")
    .example("events --for ks/apps", "why is it as it is?")
    .example("events -A --types Warning -w", "what goes wrong, anywhere, as it happens");
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

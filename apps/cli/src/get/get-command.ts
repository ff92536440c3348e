import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { getObjects } from "./get-objects.ts";
import { watchObjects } from "./watch-objects.ts";
import { targetOf } from "../cluster/kinds.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { type Format, outputOption } from "../terminal/output.ts";
import { type Filter, statusFilter } from "../cluster/status-selector.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface GetOptions extends ClusterOptions {
  selector?: string;
  statusSelector?: Filter;
  /** `--no-header` */
  header: boolean;
  watch?: boolean;
  output?: Format;
}

/** `leat get` */
export function get(context: Context): LeatCommand {
  const command = new LeatCommand("get")
    .summary("list objects and how they are")
    .description(
      "Lists objects and how they are. A kind may be written as kubectl or flux do: ks, kustomizations, source git. `sources` and `all` stand for several kinds.",
    )
    .usage("<kind> [name...] [options]")
    .argument("<kind>", "kind, or sources, or all")
    .argument("[name...]", "names; all objects of the kind where there are none")
    .option("-l, --selector <labels>", "only objects with these labels, such as team=shop")
    .option("--status-selector <condition>", "only objects of this state, such as ready=false", statusFilter)
    .option("--no-header", "leave the line of headers out")
    .option("-w, --watch", "go on with what changes, until Ctrl-C")
    .addOption(outputOption())
    .example("get all -A --status-selector ready=false", "all that is not ready, everywhere")
    .example("get kustomizations -n apps", "one kind in one namespace")
    .example("get source git podinfo -o yaml", "one object, whole")
    .example("get ks -w", "what happens, as it happens");
  return takingCluster(command, { lists: true }).action(
    async (kind: string, names: string[], { output = "table", watch = false, ...options }: GetOptions) => {
      const target = targetOf([kind, ...names]);
      const query = {
        target,
        labelSelector: options.selector,
        filter: options.statusSelector ?? (() => true),
        header: options.header,
        allNamespaces: options.allNamespaces ?? false,
        format: output,
      };
      const show = watch ? watchObjects : getObjects;
      await withCluster(context, options, (cluster) => show(cluster, query, context), { endless: watch });
    },
  );
}

import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { getObjects } from "./get-objects.ts";
import { watchObjects } from "./watch-objects.ts";
import { targetOf } from "../cluster/kinds.ts";
import { labelSelector } from "../cluster/label-selector.ts";
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
    .summary("list resources and their status")
    .description(
      "Lists resources and their status. Kinds may be written as in kubectl or flux: ks, kustomizations, source git. `sources` and `all` select several kinds.",
    )
    .usage("<kind> [name...] [options]")
    .argument("<kind>", "kind, or sources, or all")
    .argument("[name...]", "names; default: all objects of the kind")
    .option("-l, --selector <labels>", "only objects with these labels, such as team=shop", labelSelector)
    .option("--status-selector <condition>", "only objects with this status, such as ready=false", statusFilter)
    .option("--no-header", "do not print headers")
    .option("-w, --watch", "watch for changes")
    .addOption(outputOption())
    .example("get all -A --status-selector ready=false", "everything that is not ready, in all namespaces")
    .example("get kustomizations -n apps", "one kind in one namespace")
    .example("get source git podinfo -o yaml", "one object as YAML")
    .example("get ks -w", "watch Kustomizations");
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

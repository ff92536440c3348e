import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { targetOf } from "../cluster/kinds.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface SuspendOptions extends ClusterOptions {
  all?: boolean;
  selector?: string;
  reason?: string;
}

/** `leat suspend` */
export function suspend(context: Context): LeatCommand {
  const command = new LeatCommand("suspend")
    .summary("have objects left as they are")
    .description(
      "Tells the controllers to leave objects as they are: a source keeps its artifact, a Kustomization applies nothing. A run that goes on is not ended.",
    )
    .usage("<kind> <name...> [options]")
    .argument("<kind>", "kind, as `leat get` takes it")
    .argument("[name...]", "names")
    .option("--all", "all objects of the kind, instead of names")
    .option("-l, --selector <labels>", "with --all, only those with these labels, such as team=shop")
    .option("--reason <text>", "why; it is kept on the object until it is resumed")
    .example("suspend ks apps --reason 'incident 42'", "nothing is applied until it is resumed")
    .example("suspend source git --all -n apps", "every GitRepository of a namespace");
  return takingCluster(command, { lists: true }).action(
    async (kind: string, names: string[], { all = false, selector, reason, ...options }: SuspendOptions) => {
      const selected = { target: targetOf([kind, ...names]), all, labelSelector: selector };
      const { suspendAll } = await import("./switch.ts");
      await withCluster(context, options, (cluster) => suspendAll(cluster, selected, { ...context, reason }));
    },
  );
}

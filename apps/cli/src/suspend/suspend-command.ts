import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { targetOf } from "../cluster/kinds.ts";
import { labelSelector } from "../cluster/label-selector.ts";
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
    .summary("suspend reconciliation")
    .description(
      "Suspends reconciliation: a source keeps its artifact, a Kustomization applies nothing. A running reconciliation is not cancelled.",
    )
    .usage("<kind> <name...> [options]")
    .argument("<kind>", "kind, as in `leat get`")
    .argument("[name...]", "names")
    .option("--all", "all objects of the kind, instead of names")
    .option("-l, --selector <labels>", "with --all, only objects with these labels, such as team=shop", labelSelector)
    .option("--reason <text>", "reason, stored on the object until it is resumed")
    .example("suspend ks apps --reason 'incident 42'", "stop applying until it is resumed")
    .example("suspend source git --all -n apps", "every GitRepository of a namespace");
  return takingCluster(command, { lists: true }).action(
    async (kind: string, names: string[], { all = false, selector, reason, ...options }: SuspendOptions) => {
      const selected = { target: targetOf([kind, ...names]), all, labelSelector: selector };
      const { suspendAll } = await import("./switch.ts");
      await withCluster(context, options, (cluster) => suspendAll(cluster, selected, { ...context, reason }));
    },
  );
}

import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { targetOf } from "../cluster/kinds.ts";
import { labelSelector } from "../cluster/label-selector.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface ResumeOptions extends ClusterOptions {
  all?: boolean;
  selector?: string;
  wait?: boolean;
}

/** `leat resume` */
export function resume(context: Context): LeatCommand {
  const command = new LeatCommand("resume")
    .summary("resume reconciliation")
    .description("Resumes reconciliation. With one name it waits for the result.")
    .usage("<kind> <name...> [options]")
    .argument("<kind>", "kind, as in `leat get`")
    .argument("[name...]", "names")
    .option("--all", "all objects of the kind, instead of names")
    .option("-l, --selector <labels>", "with --all, only objects with these labels, such as team=shop", labelSelector)
    .option("--wait", "wait, also for several objects")
    .option("--no-wait", "do not wait")
    .exitCode(1, "Reconciliation of an object failed, or did not end within --timeout.")
    .example("resume ks apps", "resume and wait for the result")
    .example("resume ks --all -A --wait", "everything");
  return takingCluster(command, { lists: true }).action(
    async (kind: string, names: string[], { all = false, selector, wait, ...options }: ResumeOptions) => {
      const selected = { target: targetOf([kind, ...names]), all, labelSelector: selector };
      const { resumeAll } = await import("./switch.ts");
      const waits = wait ?? selected.target.names.length === 1;
      await withCluster(context, options, (cluster) => resumeAll(cluster, selected, { ...context, wait: waits }));
    },
  );
}

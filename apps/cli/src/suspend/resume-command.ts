import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { targetOf } from "../cluster/kinds.ts";
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
    .summary("let suspended objects go on")
    .description("Lets suspended objects go on. With one name it waits until the object is up to date again.")
    .usage("<kind> <name...> [options]")
    .argument("<kind>", "kind, as `leat get` takes it")
    .argument("[name...]", "names")
    .option("--all", "all objects of the kind, instead of names")
    .option("-l, --selector <labels>", "with --all, only those with these labels, such as team=shop")
    .option("--wait", "wait with several objects too")
    .option("--no-wait", "wait with a single one neither")
    .exitCode(1, "an object that was waited for failed, or took longer than --timeout")
    .example("resume ks apps", "go on, and wait until it is up to date")
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

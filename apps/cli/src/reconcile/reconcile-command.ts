import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { objectOf } from "../cluster/kinds.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface ReconcileOptions extends ClusterOptions {
  withSource?: boolean;
  /** `--no-wait` */
  wait: boolean;
}

/** `leat reconcile` */
export function reconcile(context: Context): LeatCommand {
  const command = new LeatCommand("reconcile")
    .summary("reconcile an object now and wait for the result")
    .description(
      "Reconciles an object now instead of at its interval, and waits for the result, including the dependencies that the object waits for.",
    )
    .usage("<kind> <name> [options]")
    .argument("<kind>", "kind, as in `leat get`")
    .argument("[words...]", "name")
    .option("--with-source", "reconcile its source first")
    .option("--no-wait", "do not wait for the result")
    .exitCode(1, "Reconciliation failed, or did not end within --timeout.")
    .example("reconcile kustomization apps --with-source", "fetch the latest revision and apply it")
    .example("reconcile source git podinfo", "look for a new commit");
  return takingCluster(command).action(
    async (kind: string, words: string[], { withSource = false, wait, ...options }: ReconcileOptions) => {
      const target = objectOf([kind, ...words]);
      const { reconcileNamed } = await import("./reconcile-named.ts");
      await withCluster(context, options, (cluster) =>
        reconcileNamed(cluster, { ...target, withSource, wait }, context),
      );
    },
  );
}

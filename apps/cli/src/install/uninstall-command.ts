import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { Failure } from "../program/failure.ts";
import { type InstallationOptions, installationNamespace, takingInstallation } from "./installation-options.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface UninstallOptions extends ClusterOptions, InstallationOptions {
  crds?: boolean;
  yes?: boolean;
}

/** `leat uninstall` */
export function uninstall(context: Context): LeatCommand {
  const command = new LeatCommand("uninstall")
    .summary("remove Leat's controllers, but no applied objects")
    .description(
      "Removes Leat's controllers. CRDs and custom resources remain, and a new installation continues with them; --crds removes them too. Applied objects always remain. The namespace is flux-system, unless -n or LEAT_NAMESPACE is set. Requires helm.",
    )
    .option("--crds", "also remove the CRDs, and with them all custom resources")
    .option("-y, --yes", "do not ask for confirmation")
    .example("uninstall", "remove the controllers")
    .example("uninstall --crds --yes", "remove everything except applied objects");
  return takingCluster(takingInstallation(command)).action(
    async ({ crds = false, yes = false, ...options }: UninstallOptions) => {
      const namespace = installationNamespace(options, context.environment);
      const { release } = options;
      if (!yes) await confirm(context, { release, namespace, crds });
      const { helmFor } = await import("./helm.ts");
      const { uninstall: remove } = await import("./uninstall.ts");
      const helm = helmFor(context, { ...options, namespace });
      await withCluster(context, options, (cluster) => remove(cluster, helm, { release, namespace, crds }, context));
    },
  );
}

/** @throws Failure where the answer is no, and where nobody is there to give one */
async function confirm(
  { ask }: Context,
  { release, namespace, crds }: { release: string; namespace: string; crds: boolean },
): Promise<void> {
  if (ask === undefined) throw new Failure("cannot ask for confirmation without a terminal: use --yes");
  const what = crds ? ", and all Kustomizations, sources and CRDs of the cluster" : "";
  const answer = await ask(`Remove the Helm release ${release} from ${namespace}${what}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("nothing was removed");
}

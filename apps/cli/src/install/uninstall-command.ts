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
    .summary("remove Leat's controllers; what they have applied stays")
    .description(
      "Removes Leat's controllers. The custom resource definitions and custom resources stay, so that installing again goes on where it was; with --crds they go too. What was applied stays in any case. Uninstalls from flux-system where -n and LEAT_NAMESPACE name no other namespace. Needs helm.",
    )
    .option("--crds", "remove the custom resource definitions, and with them all custom resources")
    .option("-y, --yes", "do not ask")
    .example("uninstall", "remove the controllers")
    .example("uninstall --crds --yes", "remove everything but what was applied");
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
  if (ask === undefined) throw new Failure("nobody is there to be asked: say --yes");
  const what = crds ? ", all Kustomizations and sources of the cluster, and their definitions" : "";
  const answer = await ask(`Remove the Helm release ${release} from ${namespace}${what}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("nothing was removed");
}

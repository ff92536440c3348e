import { UsageError } from "@leat/controller";
import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { type InstallationOptions, installationNamespace, takingInstallation } from "./installation-options.ts";
import { LeatCommand } from "../program/leat-command.ts";

interface InstallOptions extends ClusterOptions, InstallationOptions {
  controllers?: string[];
  values: string[];
  set: string[];
  chart?: string;
  export?: boolean;
  dryRun?: boolean;
}

/** `leat install` */
export function install(context: Context): LeatCommand {
  const command = new LeatCommand("install")
    .summary("install Leat's controllers, or bring them up to this version")
    .description(
      "Installs Leat's controllers from the chart that this command was made with, or brings what is installed up to it, and waits until they are ready. Installs into flux-system where -n and LEAT_NAMESPACE name no other namespace. Needs helm.",
    )
    .option("--controllers <names>", "only these, separated by commas, such as source,kustomize", listed)
    .option("-f, --values <file>", "file with values for the chart; may be repeated", gathered, [])
    .option("--set <name=value>", "one value for the chart; may be repeated", gathered, [])
    .option("--chart <chart>", "another chart: a directory, an archive or an address that helm takes")
    .option("--export", "print the manifests, and install nothing")
    .option("--dry-run", "tell what would be installed, and install nothing")
    .example("install", "all controllers")
    .example("install --set multitenancy.enabled=true", "tenants are kept apart")
    .example("install --export > leat.yaml", "manifests to commit to Git");
  return takingCluster(takingInstallation(command)).action(
    async ({ values, set, export: exports = false, dryRun: isDry = false, ...options }: InstallOptions) => {
      if (exports && isDry) throw new UsageError("--export and --dry-run are two things");
      const { helmFor } = await import("./helm.ts");
      const installing = await import("./install.ts");
      const namespace = installationNamespace(options, context.environment);
      const { release, controllers, chart = installing.ownChart } = options;
      const installation = { release, namespace, chart, controllers, valueFiles: values, values: set };
      const act = exports ? installing.exportManifests : isDry ? installing.dryRun : installing.install;
      await act(helmFor(context, { ...options, namespace }), installation, context);
    },
  );
}

function listed(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function gathered(text: string, before: string[]): string[] {
  return [...before, text];
}

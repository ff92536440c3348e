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
    .summary("install or upgrade Leat's controllers")
    .description(
      "Installs or upgrades Leat's controllers with the chart of this version, and waits until they are ready. The namespace is flux-system, unless -n or LEAT_NAMESPACE is set. Requires helm.",
    )
    .option("--controllers <names>", "only these controllers, separated by commas, such as source,kustomize", listed)
    .option("-f, --values <file>", "file with values for the chart; may be repeated", gathered, [])
    .option("--set <name=value>", "one value for the chart; may be repeated", gathered, [])
    .option("--chart <chart>", "another chart: a directory, an archive or a URL, as in helm")
    .option("--export", "print the manifests only")
    .option("--dry-run", "print what would be installed only")
    .example("install", "all controllers")
    .example("install --set multitenancy.enabled=true", "isolate tenants")
    .example("install --export > leat.yaml", "manifests to commit to Git");
  return takingCluster(takingInstallation(command)).action(
    async ({ values, set, export: exports = false, dryRun: isDry = false, ...options }: InstallOptions) => {
      if (exports && isDry) throw new UsageError("--export and --dry-run cannot be combined");
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

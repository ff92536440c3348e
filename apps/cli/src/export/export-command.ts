import { UsageError } from "@leat/controller";
import { stringifyYaml } from "@leat/yaml";
import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { findNamed, listObjects } from "../cluster/find.ts";
import { type Target, targetOf } from "../cluster/kinds.ts";
import {
  type InstallationOptions,
  installationNamespace,
  takingInstallation,
} from "../install/installation-options.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { type Cluster, withCluster } from "../cluster/with-cluster.ts";

interface ExportOptions extends ClusterOptions, InstallationOptions {
  all?: boolean;
}

/** `leat export` */
export function exportCommand(context: Context): LeatCommand {
  const command = new LeatCommand("export")
    .summary("print objects for Git, without cluster-specific fields")
    .description(
      "Prints objects for Git, without status and other fields that the cluster adds. Without a kind, prints the manifests of the Leat installation.",
    )
    .usage("[<kind> <name...>] [options]")
    .argument("[kind]", "kind, as in `leat get`")
    .argument("[name...]", "names")
    .option("--all", "all objects of the kind, instead of names")
    .example("export ks --all -A > kustomizations.yaml", "every Kustomization of the cluster")
    .example("export", "the installation");
  return takingCluster(takingInstallation(command), { lists: true }).action(
    async (kind: string | undefined, names: string[], { all = false, ...options }: ExportOptions) => {
      if (kind === undefined && all) throw new UsageError("name a kind, or use `all --all` for all kinds");
      if (kind === undefined) return exportInstallation(context, options);
      const target = targetOf([kind, ...names]);
      if (target.names.length > 0 === all) throw new UsageError("name the objects, or use --all");
      return withCluster(context, options, (cluster) => exportObjects(cluster, target, context));
    },
  );
}

async function exportInstallation(context: Context, options: ClusterOptions & InstallationOptions): Promise<void> {
  const { helmFor } = await import("../install/helm.ts");
  const namespace = installationNamespace(options, context.environment);
  const manifest = await helmFor(context, { ...options, namespace }).run(["get", "manifest", options.release]);
  context.out.line(manifest.trimEnd());
}

async function exportObjects(cluster: Cluster, { kinds, names }: Target, { out }: Context): Promise<void> {
  const { asCommitted } = await import("./as-committed.ts");
  const found = await Promise.all(
    kinds.map((kind) =>
      names.length > 0 ? Promise.all(names.map((name) => findNamed(cluster, kind, name))) : listObjects(cluster, kind),
    ),
  );
  for (const object of found.flat(2)) out.line(`---\n${stringifyYaml(asCommitted(object)).trimEnd()}`);
}

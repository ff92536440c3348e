import { UsageError } from "@leat/controller";
import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { findObject } from "../cluster/find.ts";
import { isApplier, objectOf } from "../cluster/kinds.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { type DataFormat, dataOption, serializedData } from "../terminal/output.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface TreeCommandOptions extends ClusterOptions {
  compact?: boolean;
  output?: DataFormat;
}

/** `leat tree` */
export function tree(context: Context): LeatCommand {
  const command = new LeatCommand("tree")
    .summary("show managed objects and their health")
    .description(
      "Shows the objects that a Kustomization has applied with their health, recursively for the Kustomizations among them.",
    )
    .usage("kustomization <name> [options]")
    .argument("<kind>", "a kind that applies objects")
    .argument("[words...]", "name")
    .option("--compact", "only Kustomizations and their sources")
    .addOption(dataOption())
    .example("tree ks flux-system", "all objects of one Kustomization")
    .example("tree ks flux-system --compact", "only Kustomizations and their sources");
  return takingCluster(command).action(
    async (word: string, words: string[], { compact = false, output, ...options }: TreeCommandOptions) => {
      const { kind, name } = objectOf([word, ...words]);
      if (!isApplier(kind)) throw new UsageError(`a ${kind.kind} does not apply objects`);
      const { treeOf } = await import("./tree.ts");
      const { treeLines } = await import("./text.ts");
      const { out } = context;
      await withCluster(context, options, async (cluster) => {
        const root = await treeOf(cluster, await findObject(cluster, kind, name), { compact });
        if (output !== undefined) return out.line(serializedData(root, output));
        for (const line of treeLines(root, out.style)) out.line(line);
      });
    },
  );
}

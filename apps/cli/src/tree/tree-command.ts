import { UsageError } from "@leat/controller";
import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { findObject } from "../cluster/find.ts";
import { objectOf } from "../cluster/kinds.ts";
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
    .summary("show what an object has applied, and how that is")
    .description(
      "Shows what a Kustomization has applied, what the Kustomizations among that have applied, and so on; each object with its health.",
    )
    .usage("kustomization <name> [options]")
    .argument("<kind>", "a kind that applies objects")
    .argument("[words...]", "name")
    .option("--compact", "only what applies more, and where that comes from")
    .addOption(dataOption())
    .example("tree ks flux-system", "everything that comes from one Kustomization")
    .example("tree ks flux-system --compact", "what is declared, without what it is made of");
  return takingCluster(command).action(
    async (word: string, words: string[], { compact = false, output, ...options }: TreeCommandOptions) => {
      const { kind, name } = objectOf([word, ...words]);
      if (kind.family !== "appliers") throw new UsageError(`a ${kind.definition.kind} applies nothing`);
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

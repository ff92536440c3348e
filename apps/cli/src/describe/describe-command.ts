import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { objectOf } from "../cluster/kinds.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { withCluster } from "../cluster/with-cluster.ts";

/** `leat describe` */
export function describe(context: Context): LeatCommand {
  const command = new LeatCommand("describe")
    .summary("show details of a resource, problems first")
    .description(
      "Shows details of a resource, problems first: its state, source, dependencies and dependents, drift, inventory, and latest events.",
    )
    .usage("<kind> <name> [options]")
    .argument("<kind>", "kind, or kind/name")
    .argument("[name...]", "name")
    .example("describe ks apps", "why is it not ready?")
    .example("describe source git podinfo -n shop", "who uses this source?");
  return takingCluster(command).action(async (word: string, words: string[], options: ClusterOptions) => {
    const { kind, name } = objectOf([word, ...words]);
    await withCluster(context, options, async (cluster) => {
      const [{ gather }, { describeText }] = await Promise.all([import("./gather.ts"), import("./text.ts")]);
      const description = await gather(cluster, kind, name);
      context.out.line(describeText(description, context.out.style).join("\n"));
    });
  });
}

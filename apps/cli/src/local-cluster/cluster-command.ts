import { InvalidArgumentError } from "commander";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";

/** `leat cluster` */
export function cluster({ out, signal }: Context): LeatCommand {
  return new LeatCommand("cluster")
    .summary("keep a control plane up for tests and trials")
    .description("Keeps a control plane up until Ctrl-C, for tests and trials, with the kinds of Leat installed.")
    .example("cluster --nodes 5", "with five nodes")
    .option("--nodes <count>", "how many nodes", count, 2)
    .action(async ({ nodes }: { nodes: number }) => {
      const { keepCluster } = await import("./keep-cluster.ts");
      await keepCluster({ terminal: out, nodes, signal });
    });
}

function count(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw new InvalidArgumentError("Write a number from 1 to 999.");
  return Number(text);
}

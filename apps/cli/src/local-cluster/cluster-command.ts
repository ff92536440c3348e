import { InvalidArgumentError } from "commander";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";

/** `leat cluster` */
export function cluster({ out, signal }: Context): LeatCommand {
  return new LeatCommand("cluster")
    .summary("run a local control plane for tests")
    .description("Runs a local control plane with Leat's CRDs until Ctrl-C, for tests and experiments.")
    .example("cluster --nodes 5", "with five nodes")
    .option("--nodes <count>", "number of nodes", count, 2)
    .action(async ({ nodes }: { nodes: number }) => {
      const { keepCluster } = await import("./keep-cluster.ts");
      await keepCluster({ terminal: out, nodes, signal });
    });
}

function count(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw new InvalidArgumentError("Write a number from 1 to 999.");
  return Number(text);
}

import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { Failure } from "../program/failure.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { type DataFormat, dataOption, serializedData } from "../terminal/output.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface CheckOptions extends ClusterOptions {
  pre?: boolean;
  output?: DataFormat;
}

/** `leat check` */
export function check(context: Context): LeatCommand {
  const command = new LeatCommand("check")
    .summary("check prerequisites and installation")
    .description(
      "Checks the API server, the CRDs, the controllers of Leat and Flux, your permissions, and how many objects are ready.",
    )
    .option("--pre", "check only the prerequisites of an installation")
    .addOption(dataOption())
    .exitCode(1, "A check failed; warnings do not count.")
    .example("check --pre", "before installing")
    .example("check -A", "check your permissions in all namespaces");
  return takingCluster(command, { lists: true }).action(
    async ({ pre: before = false, output, ...options }: CheckOptions) => {
      const { check: look } = await import("./check.ts");
      const { findingLines } = await import("./text.ts");
      const { out } = context;
      await withCluster(context, options, async (cluster) => {
        const findings = await look(cluster, { before });
        const lines = output === undefined ? findingLines(findings, out.style) : [serializedData({ findings }, output)];
        for (const line of lines) out.line(line);
        if (findings.some(({ result }) => result === "failure")) throw new Failure("");
      });
    },
  );
}

import { UsageError } from "@leat/controller";
import { type ClusterOptions, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { type DataFormat, dataOption, serializedData } from "../terminal/output.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface TraceOptions extends ClusterOptions {
  kind?: string;
  apiVersion?: string;
  output?: DataFormat;
}

/** `leat trace` */
export function trace(context: Context): LeatCommand {
  const command = new LeatCommand("trace")
    .summary("tell where an object comes from")
    .description(
      "Tells where any object of the cluster comes from: through its owners to the Kustomization or HelmRelease that applied it, and on to the source, its revision and commit. Says so where nobody manages it.",
    )
    .usage("<kind>/<name> [options]")
    .argument("<words...>", "kind and name, such as deployment/web; any kind that the cluster knows")
    .option("--kind <kind>", "kind, where only the name is given")
    .option("--api-version <version>", "API version of the kind, where several have its name, such as apps/v1")
    .addOption(dataOption())
    .example("trace pod/web-6d4b75cb6d-hxlpz -n shop", "from a pod to the commit that it comes from")
    .example("trace web --kind Deployment --api-version apps/v1", "the same kind in every cluster");
  return takingCluster(command).action(
    async (words: string[], { kind, apiVersion, output, ...options }: TraceOptions) => {
      const named = namedBy(words, kind);
      const { findAny } = await import("./find-any.ts");
      const { trace: traceUp } = await import("./trace.ts");
      const { traceLines } = await import("./text.ts");
      const { out } = context;
      await withCluster(context, options, async (cluster) => {
        const found = await traceUp(cluster, await findAny(cluster, { ...named, apiVersion }));
        if (output !== undefined) return out.line(serializedData(found, output));
        for (const line of traceLines(found, out.style)) out.line(line);
      });
    },
  );
}

function namedBy(words: readonly string[], kind: string | undefined): { kind: string; name: string } {
  const [first = "", second, ...others] =
    kind === undefined ? words.flatMap((word) => word.split("/")) : [kind, ...words];
  if (second === undefined || others.length > 0) throw new UsageError("name one object, such as deployment/web");
  return { kind: first, name: second };
}

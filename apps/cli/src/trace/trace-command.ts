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
    .summary("trace an object to its source")
    .description(
      "Traces any object through its owners to the Kustomization or HelmRelease that applied it, and to the source, its revision and commit. Reports objects that are not managed by GitOps.",
    )
    .usage("<kind>/<name> [options]")
    .argument("[words...]", "kind and name, such as deployment/web; any kind in the cluster")
    .option("--kind <kind>", "kind, if only the name is given")
    .option("--api-version <version>", "API version of the kind if it is ambiguous, such as apps/v1")
    .addOption(dataOption())
    .example("trace pod/web-6d4b75cb6d-hxlpz -n shop", "from a pod to its commit")
    .example("trace web --kind Deployment --api-version apps/v1", "with an unambiguous kind");
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
  if (second === undefined || others.length > 0)
    throw new UsageError("name one object as KIND/NAME or KIND NAME, such as deployment/web");
  return { kind: first, name: second };
}

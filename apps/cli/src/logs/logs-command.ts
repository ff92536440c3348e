import { kinds } from "@leat/api";
import { InvalidArgumentError, Option } from "commander";
import { type ClusterOptions, durationOf, takingCluster } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { installedControllers } from "../cluster/controllers.ts";
import { Failure } from "../program/failure.ts";
import { wordsFor } from "../cluster/kinds.ts";
import { LeatCommand } from "../program/leat-command.ts";
import { followLogs } from "./follow-logs.ts";
import { type LogLine, renderLogLine } from "./log-line.ts";
import { readLogs } from "./read-logs.ts";
import { withCluster } from "../cluster/with-cluster.ts";

interface LogsOptions extends ClusterOptions {
  level?: Level;
  kind?: string;
  name?: string;
  follow?: boolean;
  /** Milliseconds. */
  since?: number;
  tail?: number;
  controllersNamespace?: string;
}

/** The gravest last. */
const levels = ["debug", "info", "error"] as const;
type Level = (typeof levels)[number];

/** `leat logs` */
export function logs(context: Context): LeatCommand {
  const command = new LeatCommand("logs")
    .summary("print controller logs in readable form")
    .description(
      "Prints the logs of Leat's and Flux's controllers in the cluster, merged by time. With -n, only lines about objects of that namespace.",
    )
    .addOption(new Option("--level <level>", "minimum level").choices(levels))
    .option("--kind <kind>", "only lines about objects of this kind")
    .option("--name <name>", "only lines about objects of this name")
    .option("-f, --follow", "watch for changes")
    .option("--since <duration>", "only lines newer than this", durationOf)
    .option("--tail <count>", "number of recent lines per pod", lineCount)
    .option("--controllers-namespace <name>", "namespace of the controllers; default: found by label")
    .example("logs --level error --since 1h", "errors of the last hour")
    .example("logs --kind ks --name apps -f", "follow one Kustomization");
  return takingCluster(command).action((options: LogsOptions) =>
    withCluster(
      context,
      options,
      async (cluster) => {
        const controllers = await installedControllers(cluster, options.controllersNamespace);
        if (controllers.length === 0) throw new Failure(nobody(options));
        const { since, tail } = options;
        const range = { since: since === undefined ? undefined : new Date(Date.now() - since), tail };
        const write = writer(options, context);
        if (options.follow) return followLogs(cluster, controllers, range, write);
        const onSilent = ({ name }: { name: string }, why: string) => context.err.line(`no log of ${name}: ${why}`);
        for await (const line of readLogs(cluster, controllers, range, onSilent)) write(line);
      },
      { endless: options.follow ?? false },
    ),
  );
}

function writer({ level, kind, name, namespace }: LogsOptions, { out }: Context): (line: LogLine) => void {
  const wantedKind = kind === undefined ? undefined : kindNamed(kind);
  const gravity = level === undefined ? 0 : levels.indexOf(level);
  return (line) => {
    const isWanted =
      (level === undefined || levels.indexOf(line.level as Level) >= gravity) &&
      (wantedKind === undefined || line.kind.toLowerCase() === wantedKind) &&
      (name === undefined || line.name === name) &&
      (namespace === undefined || line.namespace === namespace);
    if (isWanted) out.line(renderLogLine(line, out.style));
  };
}

/** A kind that only others reconcile may be named, too. */
function kindNamed(word: string): string {
  const known = kinds.find((kind) => wordsFor(kind).includes(word.toLowerCase()));
  return (known?.kind ?? word).toLowerCase();
}

function nobody({ controllersNamespace }: LogsOptions): string {
  const where = controllersNamespace === undefined ? "in any namespace" : `in namespace ${controllersNamespace}`;
  return `no controllers ${where}: no Deployment has the label app.kubernetes.io/part-of=flux and a container "manager".\n\`leat run\` logs to its own stderr.`;
}

function lineCount(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError("Write a number of lines.");
  return Number(text);
}

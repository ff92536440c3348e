import { Fault, parseDuration } from "@leat/api";
import { type Command, InvalidArgumentError, Option } from "commander";

/** What every command that talks to a cluster may be told. */
export interface ClusterOptions {
  namespace?: string;
  /** Only where the command takes `-A`. */
  allNamespaces?: boolean;
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  server?: string;
  token?: string;
  as?: string;
  /** Milliseconds. */
  timeout: number;
}

const heading = "Cluster options:";
const byDefault = "5m";

/** The options of {@link ClusterOptions}, each a new one. */
export function clusterOptions(): Option[] {
  return [
    new Option("-n, --namespace <name>", "namespace; default: LEAT_NAMESPACE, that of the context, or flux-system"),
    new Option("-A, --all-namespaces", "all namespaces"),
    new Option("--kubeconfig <path>", "kubeconfig; default: KUBECONFIG, or ~/.kube/config"),
    new Option("--context <name>", "context of the kubeconfig"),
    new Option("--cluster <name>", "cluster of the kubeconfig, instead of the context's"),
    new Option("--user <name>", "user of the kubeconfig, instead of the context's"),
    new Option("--server <url>", "URL of the API server, instead of the kubeconfig's"),
    new Option("--token <token>", "bearer token, instead of the user's credentials in the kubeconfig"),
    new Option("--as <user>", "user to impersonate"),
    new Option("--timeout <duration>", "time limit, such as 30s or 5m")
      .default(parseDuration(byDefault), byDefault)
      .argParser(durationOf),
  ];
}

/** Adds the options of {@link ClusterOptions} to a command, `-A` only where it lists. */
export function takingCluster<Of extends Command>(command: Of, { lists = false }: { lists?: boolean } = {}): Of {
  for (const option of clusterOptions()) {
    if (lists || option.attributeName() !== "allNamespaces") command.addOption(option.helpGroup(heading));
  }
  return command;
}

/**
 * Moves options for the cluster and `--help` from before the command to the end of its arguments, where they are read:
 * `leat -n apps get ks` is `leat get ks -n apps`.
 */
export function hoisted(args: readonly string[]): string[] {
  const known = [...clusterOptions(), new Option("-h, --help")];
  let end = 0;
  for (let option = optionAt(args, end, known); option !== undefined; option = optionAt(args, end, known)) {
    end += option.required && !args[end]?.includes("=") ? 2 : 1;
  }
  const rest = args.slice(end);
  const separator = rest.indexOf("--");
  const at = separator === -1 ? rest.length : separator;
  return [...rest.slice(0, at), ...args.slice(0, end), ...rest.slice(at)];
}

function optionAt(args: readonly string[], index: number, known: readonly Option[]): Option | undefined {
  const name = args[index]?.split("=")[0];
  return known.find(({ short, long }) => name !== undefined && (name === short || name === long));
}

/** @throws InvalidArgumentError for an invalid duration */
export function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof Fault) throw new InvalidArgumentError("Write it like 30s, 10m or 1h30m.");
    throw error;
  }
}

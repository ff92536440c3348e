import { formatDuration } from "@leat/api";
import { UsageError } from "@leat/controller";
import { ProcessError, run } from "@leat/process";
import type { ClusterOptions } from "../cluster/cluster-options.ts";
import type { Context } from "../program/context.ts";
import { Failure } from "../program/failure.ts";
import type { InstallationOptions } from "./installation-options.ts";

/** The helm program, aimed at the cluster and the namespace of a command. */
export interface Helm {
  /**
   * Runs it and gives what it prints.
   *
   * @throws Failure with its own words, and where it is not to be found
   */
  run: (args: readonly string[]) => Promise<string>;
  /** The time that the command may take, for helm's hooks and waits. */
  timeout: readonly string[];
}

/** Helm ends by itself at its own limit, and then says what was not ready. */
const graceMs = 15_000;

/** @throws UsageError for an option that helm has no counterpart of */
export function helmFor(context: Context, options: ClusterOptions & InstallationOptions & { namespace: string }): Helm {
  const { helmBinary: program, namespace, timeout } = options;
  const env = environmentFor(context, options);
  const answer = async (args: readonly string[]) => {
    const limits = { timeoutMs: timeout + graceMs, signal: context.signal };
    const { exitCode, stdout, stderr } = await run(program, [...args, "--namespace", namespace], { env, ...limits });
    if (exitCode !== 0) throw new Failure(`helm ${args[0]} failed: ${explainHelm(stderr)}`);
    return stdout.toString();
  };
  return {
    timeout: ["--timeout", formatDuration(timeout)],
    run: (args) =>
      answer(args).catch((error: unknown) => {
        if (!(error instanceof ProcessError && error.kind === "spawn")) throw error;
        throw new Failure(`${error.message}\nLeat is installed with helm: install helm, or set --helm-binary.`, {
          cause: error,
        });
      }),
  };
}

/**
 * Helm runs as the person who has called us: their kubeconfig may name programs and variables that log them in. What our
 * options choose goes by environment, so that no token can be seen in a list of processes.
 */
function environmentFor({ environment }: Context, options: ClusterOptions): Record<string, string> {
  const { kubeconfig, context, cluster, user, server, token, as } = options;
  if (cluster !== undefined || user !== undefined)
    throw new UsageError("helm does not support --cluster and --user: use --context instead");
  const chosen = {
    KUBECONFIG: kubeconfig,
    HELM_KUBECONTEXT: context,
    HELM_KUBEAPISERVER: server,
    HELM_KUBETOKEN: token,
    HELM_KUBEASUSER: as,
  };
  const given = Object.entries({ ...environment, ...withoutUndefined(chosen) });
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function withoutUndefined(values: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** What helm wrote to standard error when it failed, and what to do about it. */
export function explainHelm(stderr: string): string {
  const words = wordsOf(stderr);
  return /CustomResourceDefinition "[^"]*" .*cannot be imported/.test(words)
    ? `${words}\n${existingDefinitions}`
    : words;
}

const existingDefinitions =
  "The cluster has these CRDs already, from Flux or `leat cluster`. Keep them with --set crds.install=false, or let helm take " +
  "them over: see Existing CRDs in docs/guides/installing.md.";

/** Warnings come first, and the error at last. */
function wordsOf(stderr: string): string {
  const text = stderr.trim();
  const at = text.lastIndexOf("Error: ");
  return (at === -1 ? text : text.slice(at + "Error: ".length)).trim();
}

import { formatDuration } from "@leat/api";
import { connect, type ConnectOptions, type Kube, namespaceOf } from "@leat/kube";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ClusterOptions } from "./cluster-options.ts";
import type { Context } from "../program/context.ts";
import { Failure } from "../program/failure.ts";
import { versionText } from "../program/version-text.ts";

/** A cluster, as a command sees it. */
export interface Cluster {
  kube: Kube;
  /** Where objects are looked for by name. */
  namespace: string;
  /** What a list covers: the namespace, or all with `-A`. */
  scope: string | undefined;
  /** Aborts at Ctrl-C, and when the time of `--timeout` is up. */
  signal: AbortSignal;
  /** Says on a terminal what is waited for, and in the message where it did not come in time: "the Kustomization apps". */
  waitFor: (what: string) => void;
}

export interface WithClusterOptions {
  /** Goes on until Ctrl-C, whatever `--timeout` says. */
  endless?: boolean;
}

const usualNamespace = "flux-system";

/**
 * Does a command's work with the cluster that its options name.
 *
 * @throws Failure where `--timeout` is over, naming what was waited for
 */
export async function withCluster<Result>(
  context: Context,
  options: ClusterOptions,
  work: (cluster: Cluster) => Promise<Result>,
  { endless = false }: WithClusterOptions = {},
): Promise<Result> {
  const connection = connectionOf(options, context.environment);
  const namespace = await chosenNamespace(options, connection, context.environment);
  await using kube = await connect(connection);
  const limit = endless ? undefined : AbortSignal.timeout(options.timeout);
  const signal = AbortSignal.any([context.signal, ...(limit ? [limit] : [])]);
  let awaited = "the API server";
  try {
    return await work({
      kube: options.as === undefined ? kube : kube.impersonate(options.as),
      namespace,
      scope: options.allNamespaces ? undefined : namespace,
      signal,
      waitFor: (what) => {
        awaited = what;
        if (context.err.interactive) context.err.passing(`… waiting for ${what}`);
      },
    });
  } catch (cause) {
    if (!limit?.aborted || context.signal.aborted) throw cause;
    throw new Failure(
      `timed out after ${formatDuration(options.timeout)} waiting for ${awaited}; --timeout sets the limit`,
      {
        cause,
      },
    );
  } finally {
    context.err.clear();
  }
}

function connectionOf(options: ClusterOptions, env: NodeJS.ProcessEnv): ConnectOptions {
  const { kubeconfig, context, cluster, user, server, token } = options;
  const userAgent = `leat/${versionText}`;
  // The server alone is enough where there is no kubeconfig that it could be put into.
  if (server !== undefined && kubeconfig === undefined && !hasKubeconfig(env)) return { server, token, userAgent };
  return { kubeconfig, context, env, overrides: { cluster, user, server, token }, userAgent };
}

function hasKubeconfig({ KUBECONFIG, HOME }: NodeJS.ProcessEnv): boolean {
  return Boolean(KUBECONFIG) || (HOME !== undefined && existsSync(join(HOME, ".kube", "config")));
}

async function chosenNamespace(
  { namespace }: ClusterOptions,
  connection: ConnectOptions,
  { LEAT_NAMESPACE }: NodeJS.ProcessEnv,
): Promise<string> {
  return namespace ?? (LEAT_NAMESPACE || ((await namespaceOf(connection)) ?? usualNamespace));
}

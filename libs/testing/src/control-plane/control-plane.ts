import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startApiServer } from "./api-server.ts";
import { startClusterParts } from "./cluster-parts.ts";
import { startEtcd } from "./etcd.ts";
import { kubeconfigText } from "./kubeconfig.ts";
import { createParts } from "../server/parts.ts";
import { openPrivateDirectory } from "../server/private-directory.ts";
import { type ServiceAccount, writeServiceAccountKubeconfig } from "./service-account.ts";

export interface ControlPlaneOptions {
  /** Namespaces are really deleted, orphans collected, Deployments and Jobs get their pods. */
  controllerManager?: boolean;
  /** Pods get a node. */
  scheduler?: boolean;
  /** Nodes on which pods become ready without running anything. Starts the controller manager and the scheduler too. */
  kwokNodes?: number;
  /** One line per request, at the level Metadata. */
  auditLog?: boolean;
  /** Given last, so that they win. */
  apiServerFlags?: string[];
  /** Where its files go instead of a new temporary directory. Emptied at the start, removed at the end. */
  directory?: string;
  signal?: AbortSignal;
}

/** A running Kubernetes API server, with what was asked for around it. All of it ends with this process. */
export interface ControlPlane extends AsyncDisposable {
  /** Path of an administrator's kubeconfig: https, a CA of its own, a token. */
  kubeconfig: string;
  url: string;
  /** The administrator's token. */
  token: string;
  /** Path of the CA's certificate, PEM. */
  caFile: string;
  /** Path, where it was asked for. */
  auditLog?: string;
  /** Stops it and starts it on the same port; resolves when it is ready. */
  restartApiServer: () => Promise<void>;
  /** SIGTERM, and SIGKILL when it is not gone after two seconds. */
  stopApiServer: () => Promise<void>;
  startApiServer: () => Promise<void>;
  /** Path of a new kubeconfig that speaks for a service account, which must exist, for an hour. */
  kubeconfigFor: (serviceAccount: ServiceAccount) => Promise<string>;
}

/**
 * Starts etcd and kube-apiserver, and what else is asked for, on free loopback ports and in a private directory. RBAC is
 * on. What a process that was killed left behind is cleaned up by the next start.
 *
 * @throws Error when a binary is not to be had or a part does not start; it says which, with the end of its log
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await openPrivateDirectory(options.directory)).path;
  await mkdir(join(directory, "credentials"), { mode: 0o700 });
  const parts = stack.use(createParts(directory));
  const { signal, apiServerFlags: flags = [] } = options;
  const etcdUrl = await startEtcd(parts, directory, signal);
  const auditLog = options.auditLog ? join(directory, "audit.log") : undefined;
  const server = await startApiServer({ parts, directory, etcdUrl, auditLog, flags, signal });
  const { connection } = server;
  const kubeconfig = join(directory, "kubeconfig");
  await writeFile(kubeconfig, kubeconfigText(connection), { mode: 0o600 });
  await startClusterParts({ parts, directory, kubeconfig, connection, options });
  const running = stack.move();
  return {
    kubeconfig,
    url: connection.url,
    token: connection.token,
    caFile: join(directory, "credentials", "ca.crt"),
    ...(auditLog === undefined ? {} : { auditLog }),
    stopApiServer: server.stop,
    startApiServer: server.start,
    restartApiServer: async () => {
      await server.stop();
      await server.start();
    },
    kubeconfigFor: (serviceAccount) => writeServiceAccountKubeconfig(connection, serviceAccount, directory),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

import type { RequestOptions } from "node:https";
import { Fault } from "@leat/api";
import type { ExecEntry, SelectedContext } from "./kubeconfig-entries.ts";
import type { TlsMaterial } from "./connection-identity.ts";

export interface Credentials {
  /** Value of the header. */
  authorization?: string;
  /** PEM of a client certificate and its key. */
  cert?: string;
  key?: string;
}

/** An exec plugin or an auth provider (OIDC and others) of a kubeconfig. */
export interface CredentialPlugin {
  /** What it gave last, until that expires. Must not be called twice at a time. */
  credentials: () => Promise<Credentials>;
}

/** Runs the plugin by means of @kubernetes/client-node, which is loaded only here because of its weight. */
export async function createCredentialPlugin(selected: SelectedContext, tls: TlsMaterial): Promise<CredentialPlugin> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const { cluster, user, context } = selected;
  const config = new KubeConfig();
  const entry = {
    name: context,
    ...(user.exec ? { exec: { ...user.exec, env: [...user.exec.env, execInfo(user.exec, selected, tls)] } } : {}),
    ...(user.authProvider ? { authProvider: user.authProvider } : {}),
  };
  config.loadFromClusterAndUser({ name: context, server: cluster.server, skipTLSVerify: cluster.skipTlsVerify }, entry);
  return {
    credentials: async () => {
      const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
      try {
        await config.applyToHTTPSOptions(options);
      } catch (cause) {
        throw new Fault("KubeconfigInvalid", `${describe(selected)} returned no credentials: ${firstLine(cause)}`, {
          cause,
        });
      }
      if (typeof options.agent === "object") options.agent.destroy();
      return credentialsOf(options);
    },
  };
}

/** client.authentication.k8s.io: plugins learn from KUBERNETES_EXEC_INFO which version to answer in, and about the cluster. */
function execInfo(exec: ExecEntry, { cluster }: SelectedContext, tls: TlsMaterial): { name: string; value: string } {
  const about = {
    server: cluster.server,
    ...(cluster.tlsServerName === undefined ? {} : { "tls-server-name": cluster.tlsServerName }),
    ...(cluster.skipTlsVerify ? { "insecure-skip-tls-verify": true } : {}),
    ...(tls.ca === undefined ? {} : { "certificate-authority-data": Buffer.from(tls.ca).toString("base64") }),
    ...(cluster.proxyUrl === undefined ? {} : { "proxy-url": cluster.proxyUrl }),
  };
  const value = {
    kind: "ExecCredential",
    apiVersion: exec.apiVersion ?? "client.authentication.k8s.io/v1",
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: about } : {}) },
  };
  return { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(value) };
}

function credentialsOf(options: RequestOptions & { headers: Record<string, string> }): Credentials {
  const credentials: Credentials = {};
  const authorization = options.headers["Authorization"];
  if (authorization !== undefined) credentials.authorization = authorization;
  if (typeof options.cert === "string") credentials.cert = options.cert;
  if (typeof options.key === "string") credentials.key = options.key;
  return credentials;
}

function describe({ context, user }: SelectedContext): string {
  return user.exec
    ? `the exec plugin ${user.exec.command} of context ${context}`
    : `the auth provider of context ${context}`;
}

function firstLine(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).trim().split("\n");
  return line.slice(0, 300);
}

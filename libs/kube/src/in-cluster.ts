import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { Fault } from "@leat/api";
import type { Environment } from "@leat/http";
import { createIdentitySource, type IdentitySource } from "./connection-identity.ts";

/** Where the kubelet mounts the service account's `token` and `ca.crt`. */
const serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

// The kubelet replaces the token long before it expires; client-go reads it again as often.
const maxAgeMs = 60_000;

/** The pod's own service account; token and CA are read again each minute, and at once when the server rejects the token. */
export function inClusterIdentity(env: Environment, directory = serviceAccountDirectory): IdentitySource {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"] ?? "443";
  if (!host)
    throw new Fault(
      "KubeconfigInvalid",
      "KUBERNETES_SERVICE_HOST is not set: not running in a pod; use a kubeconfig instead",
    );
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return createIdentitySource(async () => {
    const [token, ca] = await Promise.all([read(join(directory, "token")), read(join(directory, "ca.crt"))]);
    return { server, tls: { ca }, headers: { authorization: `Bearer ${token.trim()}` } };
  }, maxAgeMs);
}

/** The namespace that the pod runs in; `undefined` where its service account's files do not say. */
export async function inClusterNamespace(directory = serviceAccountDirectory): Promise<string | undefined> {
  const text = await readFile(join(directory, "namespace"), "utf8").catch(() => "");
  return text.trim() || undefined;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Fault("KubeconfigInvalid", `cannot read ${path}: does the pod mount its service account's token?`, {
      cause,
    });
  }
}

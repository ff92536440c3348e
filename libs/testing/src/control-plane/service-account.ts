import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ApiConnection, createObject } from "./api-request.ts";
import { kubeconfigText } from "./kubeconfig.ts";

export interface ServiceAccount {
  namespace: string;
  name: string;
}

/** An hour: no test lasts longer. */
const expirationSeconds = 3600;

/**
 * Asks for a token of the service account and writes a kubeconfig with it.
 *
 * @returns the path
 * @throws Error when the server gives no token, for example where the service account does not exist
 */
export async function writeServiceAccountKubeconfig(
  connection: ApiConnection,
  serviceAccount: ServiceAccount,
  directory: string,
): Promise<string> {
  const { namespace, name } = serviceAccount;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds } };
  const answer = await createObject(
    connection,
    `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    request,
  );
  const { token } = (answer as { status: { token: string } }).status;
  const path = join(await mkdtemp(join(directory, `${namespace}-${name}-`)), "kubeconfig");
  await writeFile(path, kubeconfigText({ url: connection.url, ca: connection.ca, token, namespace }), { mode: 0o600 });
  return path;
}

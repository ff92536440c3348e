import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { Fault } from "@leat/api";
import { isHeaderValue } from "@leat/http";
import {
  checkServer,
  createIdentitySource,
  type ConnectionIdentity,
  type IdentitySource,
  type TlsMaterial,
} from "./connection-identity.ts";
import type { ClusterEntry, ContextChoice, SelectedContext, UserEntry } from "./kubeconfig-entries.ts";
import { readContext } from "./kubeconfig-file.ts";
import type { Credentials, CredentialPlugin } from "./credential-plugin.ts";

// Files that a kubeconfig names (tokens, certificates) are replaced by others while we run.
const filesMaxAgeMs = 60_000;
// The plugin's own cache answers until the credential expires; this only bounds how late we see that it has.
const pluginMaxAgeMs = 10_000;

/** Which kubeconfig, and what of it. */
export interface KubeconfigOptions extends ContextChoice {
  /** A path, or several with `:` in between. */
  path: string;
}

/**
 * An identity from a kubeconfig. The common cases (token, certificate, password) are read here; for exec plugins and auth
 * providers @kubernetes/client-node is loaded, which costs 0.7 s and 80 MB.
 *
 * @throws Fault `KubeconfigInvalid`
 */
export async function kubeconfigIdentity({ path, ...choice }: KubeconfigOptions): Promise<IdentitySource> {
  const first = await readContext(path, choice);
  if (first.user.exec === undefined && first.user.authProvider === undefined) {
    return createIdentitySource(async () => identityOf(await readContext(path, choice), path), filesMaxAgeMs);
  }
  const { createCredentialPlugin } = await import("./credential-plugin.ts");
  let plugin: CredentialPlugin | undefined;
  return createIdentitySource(async (why) => {
    const selected = await readContext(path, choice);
    const identity = await identityOf(selected, path);
    if (plugin === undefined || why === "rejected") plugin = await createCredentialPlugin(selected, identity.tls);
    return withCredentials(identity, await plugin.credentials());
  }, pluginMaxAgeMs);
}

/** @param path what the kubeconfig is called in messages */
export async function identityOf({ cluster, user }: SelectedContext, path: string): Promise<ConnectionIdentity> {
  const [tls, authorization] = await Promise.all([tlsOf(cluster, user), authorizationOf(user)]);
  const headers: Record<string, string> = {};
  if (authorization !== undefined) headers["authorization"] = authorization;
  if (user.asUser !== undefined) headers["impersonate-user"] = user.asUser;
  if (user.asGroups.length > 0)
    throw new Fault("KubeconfigInvalid", `${path} impersonates groups (as-groups), which is not supported`);
  const unfit = Object.keys(headers).find((name) => !isHeaderValue(headers[name] ?? ""));
  if (unfit !== undefined)
    throw new Fault("KubeconfigInvalid", `${path} has invalid characters, such as line breaks, in ${unfit}`);
  const identity: ConnectionIdentity = { server: checkServer(cluster.server, path), tls, headers };
  if (cluster.proxyUrl !== undefined) identity.proxyUrl = checkProxy(cluster.proxyUrl, cluster, path);
  return identity;
}

function checkProxy(proxyUrl: string, { server, tlsServerName }: ClusterEntry, path: string): string {
  const protocol = URL.parse(proxyUrl)?.protocol ?? "";
  if (!["http:", "https:", "socks5:", "socks5h:"].includes(protocol)) {
    throw new Fault("KubeconfigInvalid", `${path} has a proxy-url that is not an http, https or socks5 URL`);
  }
  // undici's SOCKS agent gives the server's host as TLS server name, which may not be an address.
  const hasAddress = isIP(new URL(server).hostname.replace(/^\[|\]$/g, "")) !== 0;
  if (protocol.startsWith("socks") && hasAddress && tlsServerName === undefined) {
    throw new Fault("KubeconfigInvalid", `${path} uses an IP address with a SOCKS proxy: set tls-server-name`);
  }
  return proxyUrl;
}

async function tlsOf(cluster: ClusterEntry, user: UserEntry): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all([
    pem(cluster.caData, cluster.caFile),
    pem(user.certData, user.certFile),
    pem(user.keyData, user.keyFile),
  ]);
  const tls: TlsMaterial = {};
  if (ca !== undefined) tls.ca = ca;
  if (cert !== undefined) tls.cert = cert;
  if (key !== undefined) tls.key = key;
  if (cluster.tlsServerName !== undefined) tls.servername = cluster.tlsServerName;
  if (cluster.skipTlsVerify) tls.rejectUnauthorized = false;
  return tls;
}

/** Data, which is base64, wins over a file, as in kubectl. */
async function pem(data: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  return file === undefined ? undefined : readNamed(file);
}

async function authorizationOf({ token, tokenFile, username, password }: UserEntry): Promise<string | undefined> {
  if (tokenFile !== undefined) return `Bearer ${(await readNamed(tokenFile)).trim()}`;
  if (token !== undefined) return `Bearer ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new Fault("KubeconfigInvalid", `cannot read ${file} of the kubeconfig`, { cause });
  }
}

function withCredentials(identity: ConnectionIdentity, { authorization, cert, key }: Credentials): ConnectionIdentity {
  const headers = authorization === undefined ? identity.headers : { ...identity.headers, authorization };
  return {
    ...identity,
    headers,
    tls: { ...identity.tls, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) },
  };
}

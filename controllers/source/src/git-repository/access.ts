import { type GitRepository, parseDuration } from "@leat/api";
import type { GitCredentials, GitRemote } from "@leat/git";
import type { ReadSecret, SecretData } from "./secret.ts";

/** How to reach the repository, or why its Secrets do not allow it. */
export type Access = { kind: "granted"; remote: GitRemote } | { kind: "denied"; why: string };

/** Reads the Secrets that the object names. */
export async function accessOf(
  { metadata, spec }: GitRepository,
  readSecret: ReadSecret,
  signal: AbortSignal,
): Promise<Access> {
  const read = async (name: string | undefined) =>
    name === undefined ? new Map<string, string>() : readSecret(metadata.namespace, name, signal);
  const [secretName, proxyName] = [spec.secretRef?.name, spec.proxySecretRef?.name];
  const [secret, proxySecret] = await Promise.all([read(secretName), read(proxyName)]);
  if (secret === undefined)
    return denied(`Secret ${metadata.namespace}/${secretName} of spec.secretRef does not exist`);
  if (proxySecret === undefined)
    return denied(`Secret ${metadata.namespace}/${proxyName} of spec.proxySecretRef does not exist`);
  return granted(
    { url: spec.url, timeoutMs: parseDuration(spec.timeout) },
    credentialsIn(secret, secretName),
    tlsIn(secret, secretName),
    proxyName === undefined ? {} : proxyIn(proxySecret, proxyName),
  );
}

type Part = Partial<GitRemote> | { why: string };

function granted(base: GitRemote, ...parts: readonly Part[]): Access {
  let remote = base;
  for (const part of parts) {
    if ("why" in part) return denied(part.why);
    remote = { ...remote, ...part };
  }
  return { kind: "granted", remote };
}

function denied(why: string): Access {
  return { kind: "denied", why };
}

function credentialsIn(secret: SecretData, name: string | undefined): Part {
  const [username, password, token] = [secret.get("username"), secret.get("password"), secret.get("bearerToken")];
  if (username) return { credentials: { kind: "basic", username, password: password ?? "" } satisfies GitCredentials };
  if (password) return { why: `Secret ${name} has a password but no username` };
  return token ? { credentials: { kind: "bearer", token } } : {};
}

function tlsIn(secret: SecretData, name: string | undefined): Part {
  // `caFile` is the old name.
  const ca = secret.get("ca.crt") ?? secret.get("caFile");
  const [cert, key] = [secret.get("tls.crt"), secret.get("tls.key")];
  if ((cert === undefined) !== (key === undefined)) {
    return { why: `Secret ${name} has ${cert === undefined ? "tls.key but no tls.crt" : "tls.crt but no tls.key"}` };
  }
  if (ca !== undefined && !ca.includes("-----BEGIN CERTIFICATE-----")) {
    return { why: `ca.crt of Secret ${name} holds no PEM certificate` };
  }
  return { ca, cert, key };
}

const longestAddress = 2048;

function proxyIn(secret: SecretData, name: string): Part {
  const address = secret.get("address");
  if (!address) return { why: `Secret ${name} of spec.proxySecretRef has no address` };
  const url = address.length > longestAddress ? null : URL.parse(address);
  if (url === null || !/^(https?|socks5):$/.test(url.protocol)) {
    return { why: `the address in Secret ${name} of spec.proxySecretRef is not an http, https or socks5 URL` };
  }
  const [username, password] = [secret.get("username"), secret.get("password")];
  if (username !== undefined) url.username = encodeURIComponent(username);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return { proxy: url.href };
}

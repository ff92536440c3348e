import { type GitRepository, parseDuration } from "@leat/api";
import type { GitCredentials, GitRemote } from "@leat/git";
import { type ConfigData, type Kube, readConfigData } from "@leat/kube";

/** How to reach the repository, or why its Secrets do not allow it. */
export type Access = { kind: "granted"; remote: GitRemote } | { kind: "denied"; why: string };

type Part = Partial<GitRemote> | { why: string };

/** Reads the Secrets that the object names. They are kept nowhere. */
export async function accessOf(
  { metadata: { namespace }, spec }: GitRepository,
  kube: Pick<Kube, "get">,
  signal: AbortSignal,
): Promise<Access> {
  const partOf = async (field: "secretRef" | "proxySecretRef", settingsIn: (secret: ConfigData) => Part) => {
    const name = spec[field]?.name;
    if (name === undefined) return {};
    const read = await readConfigData(kube, { kind: "Secret", namespace, name }, signal);
    switch (read.kind) {
      case "found":
        return garbledIn(read.data) ?? settingsIn(read.data);
      case "missing":
        return { why: `${read.subject} of spec.${field} does not exist` };
      case "forbidden":
        return { why: `${read.subject} of spec.${field} cannot be read: ${read.message}` };
    }
  };
  let remote: GitRemote = { url: spec.url, timeoutMs: parseDuration(spec.timeout) };
  for (const part of await Promise.all([partOf("secretRef", authenticationIn), partOf("proxySecretRef", proxyIn)])) {
    if ("why" in part) return { kind: "denied", why: part.why };
    remote = { ...remote, ...part };
  }
  return { kind: "granted", remote };
}

const textKeys = ["username", "password", "bearerToken", "ca.crt", "caFile", "tls.crt", "tls.key", "address"];

function garbledIn(secret: ConfigData): { why: string } | undefined {
  const key = textKeys.find((one) => secret.bytes(one) !== undefined && secret.text(one) === undefined);
  return key === undefined ? undefined : { why: `${key} of ${secret.subject} is not UTF-8 text` };
}

function authenticationIn(secret: ConfigData): Part {
  const [credentials, tls] = [credentialsIn(secret), tlsIn(secret)];
  return "why" in credentials ? credentials : { ...credentials, ...tls };
}

function credentialsIn(secret: ConfigData): Part {
  const [username, password, token] = [secret.text("username"), secret.text("password"), secret.text("bearerToken")];
  if (username) return { credentials: { kind: "basic", username, password: password ?? "" } satisfies GitCredentials };
  if (password) return { why: `${secret.subject} has a password but no username` };
  return token ? { credentials: { kind: "bearer", token } } : {};
}

function tlsIn(secret: ConfigData): Part {
  // `caFile` is the old name.
  const ca = secret.text("ca.crt") ?? secret.text("caFile");
  const [cert, key] = [secret.text("tls.crt"), secret.text("tls.key")];
  if ((cert === undefined) !== (key === undefined)) {
    return { why: `${secret.subject} has ${cert === undefined ? "tls.key but no tls.crt" : "tls.crt but no tls.key"}` };
  }
  if (ca !== undefined && !ca.includes("-----BEGIN CERTIFICATE-----")) {
    return { why: `ca.crt of ${secret.subject} does not contain a PEM certificate` };
  }
  return { ca, cert, key };
}

const longestAddress = 2048;

function proxyIn(secret: ConfigData): Part {
  const address = secret.text("address");
  if (!address) return { why: `${secret.subject} of spec.proxySecretRef has no address` };
  const url = address.length > longestAddress ? null : URL.parse(address);
  if (url === null || !/^(https?|socks5):$/.test(url.protocol)) {
    return { why: `the address in ${secret.subject} of spec.proxySecretRef is not an http, https or socks5 URL` };
  }
  const [username, password] = [secret.text("username"), secret.text("password")];
  if (username !== undefined) url.username = encodeURIComponent(username);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return { proxy: url.href };
}

import { type GitRepository, parseDuration } from "@leat/api";
import type { GitCredentials, GitRemote } from "@leat/git";
import type { ConfigData, Kube } from "@leat/kube";
import { basicAuthIn } from "../access/basic-auth.ts";
import { proxyIn } from "../access/proxy.ts";
import { type Denied, isDenied, readSettings, textsIn } from "../access/read-settings.ts";
import { type TlsSettings, tlsIn } from "../access/tls.ts";

/** How to reach the repository, or why its Secrets do not allow it. */
export type Access = { kind: "granted"; remote: GitRemote } | { kind: "denied"; why: string };

/** Reads the Secrets that the object names. */
export async function accessOf(
  { metadata: { namespace }, spec }: GitRepository,
  kube: Pick<Kube, "get">,
  signal: AbortSignal,
): Promise<Access> {
  const secret = { field: "secretRef", namespace, name: spec.secretRef?.name };
  const proxySecret = { field: "proxySecretRef", namespace, name: spec.proxySecretRef?.name };
  const [authentication, proxy] = await Promise.all([
    readSettings(kube, secret, authenticationIn, signal),
    readSettings(kube, proxySecret, proxyIn, signal),
  ]);
  if (isDenied(authentication)) return { kind: "denied", why: authentication.why };
  if (isDenied(proxy)) return { kind: "denied", why: proxy.why };
  const remote = { url: spec.url, timeoutMs: parseDuration(spec.timeout), ...authentication, ...proxy };
  return { kind: "granted", remote };
}

type Authentication = TlsSettings & Pick<GitRemote, "credentials" | "secret">;

function authenticationIn(secret: ConfigData): Authentication | Denied {
  const credentials = credentialsIn(secret);
  if (isDenied(credentials)) return credentials;
  const tls = tlsIn(secret);
  return isDenied(tls) ? tls : { ...tls, credentials, secret: secret.subject };
}

function credentialsIn(secret: ConfigData): GitCredentials | Denied | undefined {
  const basic = basicAuthIn(secret);
  if (basic !== undefined) return basic;
  const texts = textsIn(secret, ["bearerToken"]);
  if (isDenied(texts)) return texts;
  return texts.bearerToken ? { kind: "bearer", token: texts.bearerToken } : undefined;
}

import { Fault, LimitExceeded } from "@leat/api";
import type { PooledOptions } from "@leat/http";
import { withoutTrailing } from "@leat/text";

export type GitCredentials = { kind: "basic"; username: string; password: string } | { kind: "bearer"; token: string };

/** A repository on a server, and all that is needed to speak with it. */
export interface GitRemote {
  /** `http:` or `https:`; credentials in it are used where `credentials` has none. */
  url: string;
  credentials?: GitCredentials | undefined;
  /** `Secret/namespace/name` that `credentials` are read from, for messages. */
  secret?: string | undefined;
  /** PEM of authorities that are trusted beside the system's. */
  ca?: string | undefined;
  /** PEM of a client certificate and its key. */
  cert?: string | undefined;
  key?: string | undefined;
  /** `http:`, `https:` or `socks5:` URL, credentials included; the proxy of the environment if absent. */
  proxy?: string | undefined;
  /** Limit of each operation. */
  timeoutMs: number;
}

/** A remote taken apart: what may be shown is apart from what may not. */
export interface Endpoint {
  /** Without credentials, query and slash at the end; may be shown. */
  url: string;
  /** Value of the `Authorization` header. */
  authorization: string | undefined;
  /** `Secret/namespace/name`, if one was read; it may have no credentials. */
  secret: string | undefined;
  transport: PooledOptions;
  timeoutMs: number;
  /** Everything that must never be shown. */
  secrets: readonly string[];
  /** Another host, or scheme, that the server redirects to; gets no credentials. */
  redirectedTo?: string | undefined;
}

/** Characters. */
const maxUrlLength = 2048;

/** @throws LimitExceeded, Fault `URLInvalid`, `AuthenticationFailed` where the credentials cannot be sent */
export function endpointOf({ url, credentials, secret, ca, cert, key, proxy, timeoutMs }: GitRemote): Endpoint {
  if (url.length > maxUrlLength)
    throw new LimitExceeded(`a repository URL of ${url.length} characters`, `${maxUrlLength} characters`);
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.hostname === "") {
    throw new Fault("URLInvalid", `${shown(url)} is not an HTTP or HTTPS URL of a repository`);
  }
  const used = credentials ?? credentialsIn(parsed);
  const authorization = used && authorizationOf(used);
  return {
    url: `${parsed.origin}${withoutTrailing(parsed.pathname, "/")}`,
    authorization,
    secret,
    transport: { ca, cert, key, proxy },
    timeoutMs,
    secrets: [...secretsOf(used, authorization), ...secretsOfProxy(proxy)],
  };
}

/** The same endpoint with the proxy that was chosen for it. */
export function withProxy(endpoint: Endpoint, proxy: string | undefined): Endpoint {
  const secrets = [...endpoint.secrets, ...secretsOfProxy(proxy)];
  return { ...endpoint, transport: { ...endpoint.transport, proxy }, secrets };
}

/** The same endpoint after a redirect. */
export function afterRedirect(endpoint: Endpoint, url: string | undefined): Endpoint {
  const origin = url && URL.parse(url)?.origin;
  return origin === undefined || origin === new URL(endpoint.url).origin
    ? endpoint
    : { ...endpoint, redirectedTo: origin };
}

/** The URL for a message. */
export function shownUrl({ url, redirectedTo }: Endpoint): string {
  return redirectedTo === undefined ? url : `${url} (redirected to ${redirectedTo})`;
}

function credentialsIn({ username, password }: URL): GitCredentials | undefined {
  if (username === "" && password === "") return undefined;
  return { kind: "basic", username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function authorizationOf(credentials: GitCredentials): string {
  if (credentials.kind === "basic") {
    return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
  }
  if (!/^[\x21-\x7e]+$/.test(credentials.token)) {
    throw new Fault(
      "AuthenticationFailed",
      "the bearer token contains invalid characters, such as a space or a line break",
    );
  }
  return `Bearer ${credentials.token}`;
}

function secretsOf(credentials: GitCredentials | undefined, authorization: string | undefined): string[] {
  if (credentials === undefined) return [];
  const own = credentials.kind === "basic" ? credentials.password : credentials.token;
  return [own, authorization?.split(" ")[1] ?? ""].filter((secret) => secret !== "");
}

function secretsOfProxy(proxy: string | undefined): string[] {
  const password = proxy === undefined ? undefined : URL.parse(proxy)?.password;
  return password ? [password, decodeURIComponent(password)] : [];
}

/** A URL without what could be credentials. */
function shown(url: string): string {
  const [path = ""] = url.replace(/\/\/[^/]*@/, "//").split(/[?#]/, 1);
  return JSON.stringify(path.slice(0, 200));
}

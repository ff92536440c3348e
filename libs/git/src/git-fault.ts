import { Fault } from "@leat/api";
import { connectionProblem, HttpError } from "@leat/http";
import { ProcessError } from "@leat/process";
import type { Endpoint } from "./remote.ts";

const authorityCodes = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);

const unknownAuthority =
  "its certificate is signed by an unknown authority; add the CA certificate as ca.crt to the Secret";

/** What an exchange that gave no answer means to a user. */
export function faultOfExchange(error: unknown, endpoint: Endpoint): unknown {
  if (!(error instanceof HttpError)) return error;
  return new Fault(
    "GitOperationFailed",
    plain(`cannot reach ${endpoint.url}: ${explain(error, endpoint.url)}`, endpoint),
    {
      cause: error,
    },
  );
}

function explain(error: HttpError, url: string): string {
  const { code, message, proxy } = error;
  const host = new URL(url).host;
  const via = proxy === undefined ? host : `${host} through the proxy ${proxy}`;
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return `${via} closed the connection`;
  if (code === "TIMEOUT") return `${via} did not respond within spec.timeout`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `the certificate of ${host} is not valid for this host name`;
  if (code === "CERT_HAS_EXPIRED") return `the certificate of ${host} has expired`;
  if (authorityCodes.has(code)) return unknownAuthority;
  return connectionProblem(error, host) ?? message;
}

/** What an HTTP status other than 200 means to a user. */
export function faultOfStatus(status: number, { url, authorization, secret }: Endpoint): Fault {
  // 203 is what Azure DevOps sends with its sign-in page.
  if (status === 401 || status === 403 || status === 203) {
    const remedy =
      secret === undefined ? "set spec.secretRef" : `${secret} has neither username and password nor bearerToken`;
    const why = authorization === undefined ? `requires credentials; ${remedy}` : "rejected the credentials";
    return new Fault("AuthenticationFailed", `${url} ${why} (HTTP ${status})`);
  }
  if (status === 404 || status === 410) {
    const hint =
      authorization === undefined ? ", or requires credentials" : ", or the credentials have no access to it";
    return new Fault("GitOperationFailed", `repository ${url} does not exist${hint} (HTTP ${status})`);
  }
  return new Fault("GitOperationFailed", `${url} responded with HTTP status ${status}`);
}

/** What a `git` that did not run to its end means to a user. */
export function faultOfProcess(error: unknown, endpoint: Endpoint): unknown {
  if (!(error instanceof ProcessError)) return error;
  const why = error.kind === "timeout" ? "it did not finish within spec.timeout" : error.message;
  return new Fault("GitOperationFailed", plain(`cannot fetch ${endpoint.url}: ${why}`, endpoint), { cause: error });
}

export type FetchProblem =
  /** The server does not have, or does not give, what was asked for. */
  | "not offered"
  /** The server does not do what was asked for, or the copy on disk is damaged: worth another try from nothing. */
  | "unclear"
  | "rejected";

/** Sorts what `git fetch` wrote to standard error. */
export function problemOf(stderr: string): FetchProblem {
  if (/not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i.test(stderr)) return "not offered";
  if (isAuthentication(stderr) || isNetwork(stderr)) return "rejected";
  return "unclear";
}

/** What `git fetch` wrote to standard error, in words for a user. */
export function faultOfStderr(stderr: string, endpoint: Endpoint): Fault {
  if (isAuthentication(stderr)) return faultOfStatus(401, endpoint);
  const lines = stderr.split("\n").filter((line) => /^(fatal|error|remote|ERR)\b/.test(line));
  const said = (lines.length > 0 ? lines : [stderr]).join("; ").replace(/\b(fatal|error): /g, "");
  return new Fault("GitOperationFailed", plain(`cannot fetch ${endpoint.url}: ${said}`, endpoint));
}

function isAuthentication(stderr: string): boolean {
  return /returned error: 40[13]|Authentication failed|could not read (Username|Password)|terminal prompts disabled/i.test(
    stderr,
  );
}

function isNetwork(stderr: string): boolean {
  return /unable to access|Could not resolve|timed out|early EOF|unexpected disconnect|RPC failed|hung up/i.test(
    stderr,
  );
}

const maxMessageLength = 1000;

/** Text as it may be shown: one line, no control characters, no secrets, not endless. */
export function plain(text: string, { secrets }: Endpoint): string {
  const masked = secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
  return masked
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, maxMessageLength);
}

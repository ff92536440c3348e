import { Fault } from "@leat/api";
import { connectionProblem, HttpError } from "@leat/http";
import { ProcessError } from "@leat/process";
import { afterRedirect, type Endpoint, shownUrl } from "./remote.ts";

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
  const there = afterRedirect(endpoint, error.redirectedTo);
  return new Fault("GitOperationFailed", plain(`cannot reach ${shownUrl(there)}: ${explain(error, there)}`, there), {
    cause: error,
  });
}

function explain(error: HttpError, endpoint: Endpoint): string {
  const { code, message, proxy } = error;
  const host = new URL(endpoint.redirectedTo ?? endpoint.url).host;
  const via = proxy === undefined ? host : `${host} through the proxy ${proxy}`;
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return `${via} closed the connection`;
  if (code === "TIMEOUT") return `${via} did not respond within spec.timeout`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `the certificate of ${host} is not valid for this host name`;
  if (code === "CERT_HAS_EXPIRED") return `the certificate of ${host} has expired`;
  if (authorityCodes.has(code)) return unknownAuthority;
  return connectionProblem(error, host) ?? message;
}

/** What an HTTP status other than 200 means to a user. */
export function faultOfStatus(status: number, endpoint: Endpoint): Fault {
  const url = shownUrl(endpoint);
  // 203 is what Azure DevOps sends with its sign-in page.
  if (status === 401 || status === 403 || status === 203)
    return new Fault("AuthenticationFailed", `${url} ${whyRejected(endpoint)} (HTTP ${status})`);
  if (status === 404 || status === 410) {
    const { authorization, redirectedTo } = endpoint;
    const hint =
      authorization === undefined || redirectedTo !== undefined
        ? ", or requires credentials"
        : ", or the credentials have no access to it";
    return new Fault("GitOperationFailed", `repository ${url} does not exist${hint} (HTTP ${status})`);
  }
  return new Fault("GitOperationFailed", `${url} responded with HTTP status ${status}`);
}

function whyRejected({ authorization, secret, redirectedTo }: Endpoint): string {
  if (redirectedTo !== undefined) return "requires credentials, which are not sent after a redirect; change spec.url";
  if (authorization !== undefined) return "rejected the credentials";
  const remedy =
    secret === undefined ? "set spec.secretRef" : `${secret} has neither username and password nor bearerToken`;
  return `requires credentials; ${remedy}`;
}

/** What a `git` that did not run to its end means to a user. */
export function faultOfProcess(error: unknown, endpoint: Endpoint): unknown {
  if (!(error instanceof ProcessError)) return error;
  const why = error.kind === "timeout" ? "it did not finish within spec.timeout" : error.message;
  return new Fault("GitOperationFailed", plain(`cannot fetch ${shownUrl(endpoint)}: ${why}`, endpoint), {
    cause: error,
  });
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
  return new Fault("GitOperationFailed", plain(`cannot fetch ${shownUrl(endpoint)}: ${said}`, endpoint));
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

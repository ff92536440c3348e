import { Fault } from "@leat/api";
import { ApiError } from "./api-error.ts";

/** Whether the server may have seen a request that failed on its connection. */
export type Delivery = "not sent" | "unknown";

/** A request that got no answer. */
export class ConnectionFailure extends Fault {
  readonly server: string;
  readonly delivery: Delivery;
  /** Another attempt may do better. */
  readonly transient: boolean;

  constructor(server: string, cause: unknown) {
    super("APIServerUnavailable", `the API server at ${server} cannot be reached: ${describe(cause)}`, { cause });
    this.server = server;
    const code = codeOf(cause);
    // Nothing was done of what was rejected.
    this.delivery = neverSent.has(code) || cause instanceof ApiError ? "not sent" : "unknown";
    this.transient = !isTrustProblem(code);
  }
}

const neverSent = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** OpenSSL's and Node's words for a certificate that is not to be trusted, or a handshake that the other side rejected. */
function isTrustProblem(code: string): boolean {
  return /CERT|SIGNATURE|^ERR_TLS|^ERR_SSL|^ERR_OSSL/.test(code);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An AggregateError of several addresses has no message of its own.
  return error.message || codeOf(error) || error.name;
}

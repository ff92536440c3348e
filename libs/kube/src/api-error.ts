/** One field that the server rejects. */
export interface ApiErrorCause {
  /** Path of the field, empty where the server names none. */
  field: string;
  reason: string;
  message: string;
}

/**
 * What the API server rejects, in its own words. Holds nothing of the object that was sent; in errors about Secrets the
 * values that the server quotes are replaced by `***`.
 *
 * An unknown field under server-side apply comes back as code 500 with the words "field not declared in schema", not as 422.
 */
export class ApiError extends Error {
  /** HTTP status. */
  readonly code: number;
  /** `Status.reason`, such as `Conflict`, `Forbidden`, `Invalid`; empty where the server gave none. */
  readonly reason: string;
  readonly causes: readonly ApiErrorCause[];
  /** How long the server asks to wait. */
  readonly retryAfterMs?: number;

  constructor(
    code: number,
    reason: string,
    message: string,
    details: { causes?: ApiErrorCause[]; retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = reason;
    this.causes = details.causes ?? [];
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}

/** The server of an aggregated API does not respond, so that nothing is known of what it serves: it may be there or not. */
export class ApiUnavailable extends ApiError {
  constructor(group: string, version: string) {
    const message = `the API ${group}/${version} is unavailable; see the status of APIService ${version}.${group}`;
    super(503, "ServiceUnavailable", message);
    this.name = "ApiUnavailable";
  }
}

/** What a rejection is read from. */
export interface Rejection {
  code: number;
  body: string;
  /** The header of that name. */
  retryAfter?: string | undefined;
  /** The body may quote values that are secret. */
  secret?: boolean;
}

interface Status {
  kind?: string;
  reason?: string;
  message?: string;
  code?: number;
  details?: { causes?: Partial<ApiErrorCause>[]; retryAfterSeconds?: number };
}

/**
 * Reads a `Status` (the body of a rejection). Another body is not quoted: a tenant may have named any server, whose answers it
 * may not read.
 */
export function apiErrorOf({ code, body, retryAfter, secret = false }: Rejection): ApiError {
  const status = parseStatus(body);
  if (status === undefined)
    return new ApiError(code, "", body.trim() === unknownPath ? unknownPathMessage : `HTTP ${code}`, {
      retryAfterMs: retryAfterOf(retryAfter),
    });
  return apiErrorOfStatus(status, { code, retryAfter, secret });
}

/** Reads a `Status` object, such as the one in an `ERROR` event of a watch. */
export function apiErrorOfStatus(status: Status, rejection: Partial<Rejection> = {}): ApiError {
  const { reason = "", details = {} } = status;
  const clean = rejection.secret ? hideValues : (text: string) => text;
  const code = rejection.code ?? status.code ?? 500;
  const causes = (details.causes ?? []).map((cause) => causeOf(cause, clean));
  const retryAfterMs = retryAfterOf(rejection.retryAfter ?? details.retryAfterSeconds?.toString());
  return new ApiError(code, reason, clean(status.message || `HTTP ${code}`), { causes, retryAfterMs });
}

function causeOf(
  { field = "", reason = "", message = "" }: Partial<ApiErrorCause>,
  clean: (text: string) => string,
): ApiErrorCause {
  return { field, reason, message: clean(message) };
}

/** The body with which a server answers for a path that it does not know. */
const unknownPath = "404 page not found";
const unknownPathMessage = `HTTP 404: ${unknownPath}`;

/** Whether a 404 says that the object, or the kind, is not there; a 404 of some proxy in between says no such thing. */
export function isNotFound(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.code === 404 &&
    (error.reason === "NotFound" || error.message === unknownPathMessage)
  );
}

function parseStatus(body: string): Status | undefined {
  if (!body.startsWith("{")) return undefined;
  try {
    const parsed = JSON.parse(body) as Status;
    return parsed.kind === "Status" ? parsed : undefined;
  } catch {
    // Not an answer of the API server itself.
    return undefined;
  }
}

/** Seconds, or an HTTP date. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** The server quotes values as `Invalid value: "…"` and, where types differ, after `got `. */
function hideValues(message: string): string {
  return message
    .replaceAll(/((?:Invalid|Unsupported|Duplicate) value: )(?:"(?:[^"\\]|\\.)*"|[^:\s]+)/g, "$1***")
    .replaceAll(/(\bgot )[\s\S]*/g, "$1***");
}

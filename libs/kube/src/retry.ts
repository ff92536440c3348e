import { ApiError } from "./api-error.ts";
import { ConnectionFailure } from "./connection-failure.ts";

const mostAttempts = 6;

/**
 * How long to wait at least before a request is sent again; `undefined` where it must not be.
 *
 * @param attempts how many there were
 */
export function pauseBefore(repeatable: boolean, error: unknown, attempts: number): number | undefined {
  if (attempts >= mostAttempts) return undefined;
  if (error instanceof ConnectionFailure) {
    return error.transient && (repeatable || error.delivery === "not sent") ? 0 : undefined;
  }
  return error instanceof ApiError ? pauseAfter(error, repeatable, attempts) : undefined;
}

function pauseAfter(error: ApiError, repeatable: boolean, attempts: number): number | undefined {
  // The credentials were marked as outdated, so that the second attempt comes with new ones.
  if (error.code === 401) return attempts === 1 ? 0 : undefined;
  if (isOverload(error)) return error.retryAfterMs ?? 0;
  return error.code >= 500 && repeatable ? error.retryAfterMs : undefined;
}

/** The server has not even begun with the request: anything may be sent again. */
export function isOverload(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 429 || (error.code === 503 && error.retryAfterMs !== undefined));
}

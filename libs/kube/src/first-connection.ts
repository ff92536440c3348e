import { ApiError } from "./api-error.ts";
import { ConnectionFailure } from "./connection-failure.ts";

/** Tells a right that is missing from one that a server which has just started does not know of yet. */
export interface WarmUp {
  /**
   * The error of a request as it is to be told. An API server that has just started forbids everything until it has read its
   * roles: such an answer is an outage that is not over, and no rejection.
   *
   * @param isReady asks the server whether it takes itself for ready
   */
  explain: (error: unknown, isReady: () => Promise<boolean>) => Promise<unknown>;
}

/** So long after the last failure of a connection an API server may still be starting. */
const suspectMs = 60_000;

/** @param clock milliseconds; that of `performance.now()` where it is absent */
export function createWarmUp(clock: () => number = () => performance.now()): WarmUp {
  let failure: { server: string; at: number } | undefined;
  return {
    explain: async (error, isReady) => {
      if (error instanceof ConnectionFailure) failure = { server: error.server, at: clock() };
      const isSuspect = failure !== undefined && clock() - failure.at < suspectMs;
      if (!isSuspect || !(error instanceof ApiError) || error.code !== 403) return error;
      return (await isReady()) ? error : new ConnectionFailure(failure?.server ?? "", error);
    },
  };
}

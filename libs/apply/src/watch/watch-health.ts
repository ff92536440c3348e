import type { Resource } from "@leat/api";
import { ApiError } from "@leat/kube";
import type { Logger } from "@leat/log";
import { setTimeout as pause } from "node:timers/promises";

/** Whether what a watch says can be relied on. */
export interface WatchHealth {
  isComplete: () => boolean;
  /** All that there is has been listed. */
  onListed: () => void;
  /** The watch goes on where it was broken off. */
  onResume: () => void;
  onError: (error: Error) => void;
  /** Resolves when it is known whether there will be something to rely on, or when that takes too long. */
  settled: (signal: AbortSignal) => Promise<void>;
}

export interface WatchHealthOptions {
  resource: Resource;
  log: Logger;
  /** Milliseconds; the clock of `performance.now()` where it is absent. */
  clock?: () => number;
}

// A list takes longer only where something is wrong.
const readyLimitMs = 5_000;
// What was missed comes first when a watch goes on, and nothing says when all of it has come.
const catchUpMs = 5_000;

export function createWatchHealth({ resource, log, clock = () => performance.now() }: WatchHealthOptions): WatchHealth {
  let state: "unlisted" | "whole" | "broken" = "unlisted";
  let resumedAt = Number.NEGATIVE_INFINITY;
  let saidForbidden = false;
  const settled = Promise.withResolvers<void>();
  return {
    isComplete: () => state === "whole" && clock() - resumedAt > catchUpMs,
    onListed: () => {
      state = "whole";
      resumedAt = Number.NEGATIVE_INFINITY;
      saidForbidden = false;
      settled.resolve();
    },
    onResume: () => {
      if (state !== "broken") return;
      state = "whole";
      resumedAt = clock();
      saidForbidden = false;
    },
    onError: (error: Error) => {
      if (state === "whole") state = "broken";
      settled.resolve();
      const isForbidden = error instanceof ApiError && error.code === 403;
      if (!isForbidden) log.debug("cannot watch applied objects", { resource: resource.plural, err: error });
      else if (!saidForbidden) {
        saidForbidden = true;
        const fields = { resource: resource.plural, answer: error.message };
        log.info("watch forbidden; drift will only be detected at the interval", fields);
      }
    },
    settled: async (signal) => (state === "unlisted" ? untilLimit(settled.promise, signal) : undefined),
  };
}

async function untilLimit(settled: Promise<void>, signal: AbortSignal): Promise<void> {
  using limit = new DisposableStack();
  const done = new AbortController();
  limit.defer(() => done.abort());
  const late = pause(readyLimitMs, undefined, { signal: AbortSignal.any([signal, done.signal]), ref: false });
  await Promise.race([settled, late.catch(() => {})]);
  signal.throwIfAborted();
}

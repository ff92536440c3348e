import type { Resource } from "@leat/api";
import { ApiError } from "@leat/kube";
import type { Logger } from "@leat/log";

/** Whether what a watch says can be relied on. */
export interface WatchHealth {
  isComplete: () => boolean;
  /** Part of the list has come. */
  onListing: () => void;
  /** All that there is has been listed. */
  onListed: () => void;
  /** The watch goes on where it was broken off. */
  onResume: () => void;
  onError: (error: Error) => void;
  /** Resolves when it is known whether there will be something to rely on, or when nothing of the list comes for 5 s. */
  settled: (signal: AbortSignal) => Promise<void>;
}

export interface WatchHealthOptions {
  resource: Resource;
  log: Logger;
  /** Milliseconds; the clock of `performance.now()` where it is absent. */
  clock?: () => number;
}

// A list of 100,000 objects takes longer as a whole; nothing comes for so long only where something is wrong.
const readyLimitMs = 5_000;
// What was missed comes first when a watch goes on, and nothing says when all of it has come.
const catchUpMs = 5_000;

export function createWatchHealth({ resource, log, clock = () => performance.now() }: WatchHealthOptions): WatchHealth {
  let state: "unlisted" | "whole" | "broken" = "unlisted";
  let resumedAt = Number.NEGATIVE_INFINITY;
  let listingAt = Number.NEGATIVE_INFINITY;
  let saidForbidden = false;
  const settled = Promise.withResolvers<void>();
  return {
    isComplete: () => state === "whole" && clock() - resumedAt > catchUpMs,
    onListing: () => {
      listingAt = clock();
    },
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
      saidForbidden = tell(log, resource, { error, saidForbidden });
    },
    settled: async (signal) => {
      if (state !== "unlisted") return;
      const askedAt = clock();
      const leftMs = () => Math.max(askedAt, listingAt) + readyLimitMs - clock();
      await settledWhile(settled.promise, leftMs, signal);
    },
  };
}

async function settledWhile(settled: Promise<void>, leftMs: () => number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  while (leftMs() > 0) if (await settledWithin(settled, leftMs(), signal)) return;
}

async function settledWithin(settled: Promise<void>, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const late = () => resolve(false);
  const limit = setTimeout(late, limitMs).unref();
  signal.addEventListener("abort", late, { once: true });
  try {
    const isSettled = await Promise.race([settled.then(() => true), promise]);
    signal.throwIfAborted();
    return isSettled;
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", late);
  }
}

/** @returns whether it is known from now on that the watch is forbidden: that is said once */
function tell(log: Logger, { plural }: Resource, told: { error: Error; saidForbidden: boolean }): boolean {
  const { error, saidForbidden } = told;
  const isForbidden = error instanceof ApiError && error.code === 403;
  if (!isForbidden) log.debug("cannot watch applied objects", { resource: plural, err: error });
  else if (!saidForbidden) {
    log.info("watch forbidden; drift will only be detected at the interval", {
      resource: plural,
      answer: error.message,
    });
  }
  return saidForbidden || isForbidden;
}

import { Fault, type KubeObject } from "@leat/api";
import type { Cause } from "./cause.ts";
import { announce } from "./conclude.ts";
import type { Reconcilable, Run } from "./definition.ts";
import { type Attempt, beforeOf, write } from "./attempt.ts";
import type { StatusOf } from "./status-writer.ts";

/** How long a run lasts before its progress is written to the status. */
const announceAfterMs = 1000;

export interface Reporting extends AsyncDisposable {
  run: Run;
  /** The last progress message. */
  progress: () => string | undefined;
  /** The object as it was last written. */
  current: () => KubeObject;
  /** Ends the reporting; resolves when nothing is being written any more. */
  stop: () => Promise<void>;
}

/** Gives a run its means to speak, and writes its progress to the status once it has lasted a while. */
export function startReporting(
  attempt: Attempt,
  object: Reconcilable,
  stored: KubeObject,
  { cause, signal }: { cause: Cause; signal: AbortSignal },
): Reporting {
  let current = stored;
  let message: string | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  let announcing = false;

  function record(statusOf: StatusOf): Promise<void> {
    const result = writing.then(async () => {
      const after = await write(attempt, current, statusOf);
      if (!after) throw new Fault("NotFound", "the object was deleted meanwhile");
      current = after;
    });
    // Who asked for the write hears of its failure; the next write goes on.
    writing = result.catch(() => {});
    return result;
  }

  function announceNow(): void {
    announcing = true;
    const text = message;
    if (text === undefined) return;
    // Progress that could not be written is no failure of the run.
    record((fresh) => announce(beforeOf(fresh, object), text, new Date())).catch(() => {});
  }

  const timer = setTimeout(announceNow, announceAfterMs);
  const stop = async () => {
    clearTimeout(timer);
    announcing = false;
    await writing;
  };
  const run: Run = {
    signal,
    log: attempt.log,
    cause,
    startedAt: new Date(),
    progress: (text) => {
      message = text;
      if (announcing) announceNow();
    },
    emit: (event) => attempt.recorder.emit(object, event),
    record: (status) => record((fresh) => ({ ...(fresh["status"] as object), ...status })),
  };
  return { run, progress: () => message, current: () => current, stop, [Symbol.asyncDispose]: stop };
}

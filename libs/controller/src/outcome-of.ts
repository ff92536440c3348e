import { Fault, LimitExceeded, Reason } from "@leat/api";
import { ApiError } from "@leat/kube";
import type { Logger } from "@leat/log";
import { type Explanation, failed, type Outcome, stalled } from "./outcome.ts";
import type { Reporting } from "./reporting.ts";
import { excessOf } from "./run-limit.ts";

/** How a run has ended. */
export interface Ended {
  outcome: Outcome<object>;
  /** Something broke on the way, which is worth another try sooner than a no of the world. */
  isFault: boolean;
  /** Work was ended by a limit of memory or time. */
  isExhaustion: boolean;
}

/** The one place where what was thrown becomes an outcome. */
export async function outcomeOf(
  { run, detailsOf }: Reporting,
  reconcile: () => Promise<Outcome<object>>,
): Promise<Ended | "overtaken"> {
  try {
    const outcome = await reconcile();
    // A step that was cancelled fails for no other reason.
    const excess = outcome.kind === "failed" ? excessOf(run.signal) : undefined;
    if (excess) throw excess;
    return { outcome, isFault: false, isExhaustion: false };
  } catch (error) {
    const excess = excessOf(run.signal);
    if (run.signal.aborted && !excess) return "overtaken";
    const failure = explain(excess ?? error, run.log);
    const conclude = error instanceof LimitExceeded && !excess ? stalled : failed;
    const outcome = conclude(failure.reason, failure.message, detailsOf(error, failure));
    return { outcome, isFault: true, isExhaustion: error instanceof Fault && error.isExhaustion };
  }
}

function explain(err: unknown, log: Logger): Explanation {
  if (err instanceof Fault) {
    log.error("reconciliation failed", { err, reason: err.reason });
    return { reason: err.reason, message: err.message };
  }
  if (err instanceof ApiError) {
    log.error("reconciliation failed", { err, reason: err.reason });
    return { reason: Reason.APIServerRejected, message: err.message };
  }
  log.error("unexpected error (please report)", { err });
  return { reason: Reason.InternalError, message: "unexpected error in the controller; its log has the details" };
}

import { Fault, formatDuration, Reason } from "@leat/api";
import type { RunSignals } from "./queue.ts";

/** How many milliseconds a run may take. */
export interface RunLimits {
  /** By the spec of its object. */
  own: number | undefined;
  /** By the operator, for all objects. */
  most: number;
}

/** Timers hold 31 bits of milliseconds. */
const longestTimerMs = 2 ** 31 - 1;

/** The signals of a run: when it exceeds its limit, `signal` aborts with a {@link Fault} as its reason. */
export function startLimit({ signal, shutdown }: RunSignals, limits: RunLimits): RunSignals & Disposable {
  const limit = new AbortController();
  const ms = Math.min(limits.own ?? limits.most, limits.most, longestTimerMs);
  const timer = setTimeout(() => limit.abort(excess(limits)), ms);
  return {
    signal: AbortSignal.any([signal, limit.signal]),
    shutdown,
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** The fault of a run that has exceeded its limit. */
export function excessOf({ reason }: AbortSignal): Fault | undefined {
  return reason instanceof Fault && reason.reason === Reason.DeadlineExceeded ? reason : undefined;
}

function excess({ own, most }: RunLimits): Fault {
  const [ms, limitedBy] = own !== undefined && own < most ? [own, "spec.timeout"] : [most, "--reconciliation-timeout"];
  const message = `the reconciliation was cancelled after ${formatDuration(ms)}, as limited by ${limitedBy}`;
  return new Fault(Reason.DeadlineExceeded, message);
}

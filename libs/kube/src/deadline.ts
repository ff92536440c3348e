/** A limit in time that also ends when the caller's signal aborts. Leaves nothing on that signal once disposed. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  readonly expired: boolean;
  /** `Infinity` where there is no limit. */
  readonly leftMs: number;
  /** No limit from now on; the caller's signal still counts. */
  lift: () => void;
}

export function startDeadline(limitMs: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController();
  let endsAt = performance.now() + limitMs;
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort(new DOMException(`took longer than ${limitMs} ms`, "TimeoutError"));
  }, limitMs);
  const abort = () => controller.abort(caller?.reason);
  if (caller?.aborted) abort();
  else caller?.addEventListener("abort", abort, { once: true });
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    get leftMs() {
      return endsAt - performance.now();
    },
    lift: () => {
      clearTimeout(timer);
      endsAt = Number.POSITIVE_INFINITY;
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      caller?.removeEventListener("abort", abort);
    },
  };
}

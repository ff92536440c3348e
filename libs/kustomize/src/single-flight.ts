/** Runs the work of a key once for all callers that ask for it meanwhile; it is cancelled when the last of them has given up. */
export type SingleFlight<Value> = (
  key: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
) => Promise<Value>;

interface Running<Value> {
  result: Promise<Value>;
  controller: AbortController;
  waiting: number;
}

export function createSingleFlight<Value>(): SingleFlight<Value> {
  const running = new Map<string, Running<Value>>();

  const start = (key: string, work: (signal: AbortSignal) => Promise<Value>): Running<Value> => {
    const controller = new AbortController();
    const started: Running<Value> = { result: work(controller.signal), controller, waiting: 0 };
    const forget = () => {
      if (running.get(key) === started) running.delete(key);
    };
    started.result.then(forget, forget);
    running.set(key, started);
    return started;
  };

  return async (key, signal, work) => {
    signal.throwIfAborted();
    const joined = running.get(key) ?? start(key, work);
    joined.waiting += 1;
    const { promise: cancelled, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([joined.result, cancelled]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      joined.waiting -= 1;
      if (joined.waiting === 0) {
        // Nobody may join what is about to be cancelled.
        if (running.get(key) === joined) running.delete(key);
        joined.controller.abort(signal.reason);
      }
    }
  };
}

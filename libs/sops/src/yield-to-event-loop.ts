import { setImmediate } from "node:timers/promises";

/** For so long work goes on before others get their turn on the event loop. */
const turnMs = 10;

/** Gives what is awaited between two pieces of work: lets others have their turn where it is time. */
export function turns(signal: AbortSignal): () => Promise<void> {
  let ends = performance.now() + turnMs;
  return async () => {
    if (performance.now() < ends) return;
    await setImmediate();
    signal.throwIfAborted();
    ends = performance.now() + turnMs;
  };
}

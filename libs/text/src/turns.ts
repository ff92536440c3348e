import { setImmediate } from "node:timers/promises";

/** Work runs for this long before other work gets its turn on the event loop. */
const turnMs = 10;

/** Returns a function to await between two pieces of work: it yields to the event loop when the turn is over. */
export function turns(signal: AbortSignal): () => Promise<void> {
  let ends = performance.now() + turnMs;
  return async () => {
    if (performance.now() < ends) return;
    await setImmediate();
    signal.throwIfAborted();
    ends = performance.now() + turnMs;
  };
}

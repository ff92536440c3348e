import { type Cause, causes, moreUrgent, overtakes } from "./cause.ts";

export interface QueueOptions {
  concurrency: number;
  /** Runs one key; must not reject. `signal` aborts when the run is overtaken or the queue stops. */
  run: (key: string, cause: Cause, signal: AbortSignal) => Promise<void>;
  onDepth?: (depth: number) => void;
  onStart?: (waitedMs: number) => void;
}

/** Keys that wait for a run: each once, one run at a time for each, the most urgent cause first. */
export interface Queue {
  add: (key: string, cause: Cause) => void;
  /** Runs the key after a delay, unless something more urgent does before. A later call takes the place of an earlier one. */
  addAfter: (key: string, cause: Cause, delayMs: number) => void;
  /** Takes the key out; a run under way is aborted. */
  forget: (key: string) => void;
  /** Takes no more, aborts what runs, resolves when it has ended. */
  stop: () => Promise<void>;
}

interface Waiting {
  cause: Cause;
  since: number;
}

interface Running {
  abort: AbortController;
  /** What asked for another run meanwhile. */
  again: Cause | undefined;
}

export function createQueue({ concurrency, run, onDepth, onStart }: QueueOptions): Queue {
  const waiting = new Map<string, Waiting>();
  const lines = new Map<Cause, Set<string>>(causes.map((cause) => [cause, new Set()]));
  const running = new Map<string, Running>();
  const timers = new Map<string, NodeJS.Timeout>();
  let stopped: PromiseWithResolvers<void> | undefined;

  function add(key: string, cause: Cause): void {
    if (stopped) return;
    clearDelay(key);
    const current = running.get(key);
    if (current) {
      current.again = current.again === undefined ? cause : moreUrgent(current.again, cause);
      if (overtakes(cause)) current.abort.abort(new Error(`overtaken: ${cause}`));
      return;
    }
    const before = waiting.get(key);
    if (before) lines.get(before.cause)?.delete(key);
    const kept = before ? moreUrgent(before.cause, cause) : cause;
    waiting.set(key, { cause: kept, since: before?.since ?? performance.now() });
    lines.get(kept)?.add(key);
    startNext();
  }

  function addAfter(key: string, cause: Cause, delayMs: number): void {
    if (stopped) return;
    clearDelay(key);
    // Timers hold 31 bits of milliseconds; a longer interval is simply looked at again.
    const timer = setTimeout(() => add(key, cause), Math.min(delayMs, 2 ** 31 - 1));
    timers.set(key, timer);
  }

  function startNext(): void {
    while (!stopped && running.size < concurrency) {
      const key = takeFirst();
      if (key === undefined) break;
      const { cause, since } = waiting.get(key) ?? { cause: "interval", since: performance.now() };
      waiting.delete(key);
      onStart?.(performance.now() - since);
      void start(key, cause);
    }
    onDepth?.(waiting.size);
  }

  function takeFirst(): string | undefined {
    for (const line of lines.values()) {
      for (const key of line) {
        line.delete(key);
        return key;
      }
    }
    return undefined;
  }

  async function start(key: string, cause: Cause): Promise<void> {
    const current: Running = { abort: new AbortController(), again: undefined };
    running.set(key, current);
    await run(key, cause, current.abort.signal);
    running.delete(key);
    if (stopped) {
      if (running.size === 0) stopped.resolve();
      return;
    }
    if (current.again === undefined) startNext();
    else add(key, current.again);
  }

  function clearDelay(key: string): void {
    clearTimeout(timers.get(key));
    timers.delete(key);
  }

  function forget(key: string): void {
    clearDelay(key);
    const before = waiting.get(key);
    if (before) lines.get(before.cause)?.delete(key);
    waiting.delete(key);
    const current = running.get(key);
    if (current) {
      current.again = undefined;
      current.abort.abort(new Error("the object is gone"));
    }
  }

  function stop(): Promise<void> {
    if (stopped) return stopped.promise;
    stopped = Promise.withResolvers();
    for (const key of [...timers.keys()]) clearDelay(key);
    for (const { abort } of running.values()) abort.abort(new Error("the controller stops"));
    if (running.size === 0) stopped.resolve();
    return stopped.promise;
  }

  return { add, addAfter, forget, stop };
}

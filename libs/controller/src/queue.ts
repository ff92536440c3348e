import { type Trigger, triggers, moreUrgent, overtakes } from "./trigger.ts";

export interface QueueOptions {
  concurrency: number;
  /** Runs one key; must not reject. `signal` aborts when the run is overtaken or the queue stops. */
  run: (key: string, trigger: Trigger, signal: AbortSignal) => Promise<void>;
  onDepth?: (depth: number) => void;
  onStart?: (key: string, waitedMs: number) => void;
}

/** Keys that wait for a run: each once, one run at a time for each, the most urgent trigger first. */
export interface Queue {
  add: (key: string, trigger: Trigger) => void;
  /** Runs the key after a delay, unless something more urgent does before. A later call takes the place of an earlier one. */
  addAfter: (key: string, trigger: Trigger, delayMs: number) => void;
  /** Takes the key out; a run under way is aborted. */
  forget: (key: string) => void;
  /** Takes no more, aborts what runs, resolves when it has ended. */
  stop: () => Promise<void>;
}

interface Waiting {
  trigger: Trigger;
  since: number;
}

interface Running {
  abort: AbortController;
  /** What asked for another run meanwhile. */
  again: Trigger | undefined;
}

/** Timers hold 31 bits of milliseconds; a longer interval is simply looked at again. */
const longestDelayMs = 2 ** 31 - 1;

export function createQueue(options: QueueOptions): Queue {
  return new WorkQueue(options);
}

class WorkQueue implements Queue {
  readonly #options: QueueOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #lines = new Map<Trigger, Set<string>>(triggers.map((trigger) => [trigger, new Set()]));
  readonly #running = new Map<string, Running>();
  readonly #delays = new Map<string, NodeJS.Timeout>();
  #stopped: PromiseWithResolvers<void> | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  add(key: string, trigger: Trigger): void {
    if (this.#stopped) return;
    this.#clearDelay(key);
    const current = this.#running.get(key);
    if (current) {
      current.again = current.again === undefined ? trigger : moreUrgent(current.again, trigger);
      if (overtakes(trigger)) current.abort.abort(new Error(`overtaken: ${trigger}`));
      return;
    }
    this.#line(key, trigger);
    this.#startNext();
  }

  addAfter(key: string, trigger: Trigger, delayMs: number): void {
    if (this.#stopped) return;
    this.#clearDelay(key);
    this.#delays.set(
      key,
      setTimeout(() => this.add(key, trigger), Math.min(delayMs, longestDelayMs)),
    );
  }

  forget(key: string): void {
    this.#clearDelay(key);
    this.#unline(key);
    const current = this.#running.get(key);
    if (!current) return;
    current.again = undefined;
    current.abort.abort(new Error("the object is gone"));
  }

  stop(): Promise<void> {
    if (this.#stopped) return this.#stopped.promise;
    this.#stopped = Promise.withResolvers();
    for (const timer of this.#delays.values()) clearTimeout(timer);
    for (const { abort } of this.#running.values()) abort.abort(new Error("the controller stops"));
    if (this.#running.size === 0) this.#stopped.resolve();
    return this.#stopped.promise;
  }

  #line(key: string, trigger: Trigger): void {
    const before = this.#unline(key);
    const kept = before ? moreUrgent(before.trigger, trigger) : trigger;
    this.#waiting.set(key, { trigger: kept, since: before?.since ?? performance.now() });
    this.#lines.get(kept)?.add(key);
  }

  #unline(key: string): Waiting | undefined {
    const before = this.#waiting.get(key);
    if (before) this.#lines.get(before.trigger)?.delete(key);
    this.#waiting.delete(key);
    return before;
  }

  #startNext(): void {
    const { concurrency, onDepth, onStart } = this.#options;
    while (this.#running.size < concurrency) {
      const key = this.#first();
      const waiting = key === undefined ? undefined : this.#unline(key);
      if (key === undefined || !waiting) break;
      onStart?.(key, performance.now() - waiting.since);
      void this.#start(key, waiting.trigger);
    }
    onDepth?.(this.#waiting.size);
  }

  #first(): string | undefined {
    for (const line of this.#lines.values()) {
      for (const key of line) return key;
    }
    return undefined;
  }

  async #start(key: string, trigger: Trigger): Promise<void> {
    const current: Running = { abort: new AbortController(), again: undefined };
    this.#running.set(key, current);
    await this.#options.run(key, trigger, current.abort.signal);
    this.#running.delete(key);
    if (this.#stopped) {
      if (this.#running.size === 0) this.#stopped.resolve();
    } else if (current.again === undefined) this.#startNext();
    else this.add(key, current.again);
  }

  #clearDelay(key: string): void {
    clearTimeout(this.#delays.get(key));
    this.#delays.delete(key);
  }
}

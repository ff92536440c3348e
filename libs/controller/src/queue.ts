import { Shares } from "./shares.ts";
import { moreUrgent, type Trigger } from "./trigger.ts";
import { WaitingLine } from "./waiting-line.ts";

/** The signals of one run. */
export interface RunSignals {
  /** Aborts when the run is overtaken, when its object is gone, and at shutdown. */
  signal: AbortSignal;
  /** Aborts at shutdown alone. */
  shutdown: AbortSignal;
}

export interface QueueOptions {
  /** How many runs there are at a time; half as many more where one namespace holds more than half of them. */
  concurrency: number;
  /** What makes a run that is under way out of date: it is aborted and begun again. */
  overtakenBy: readonly Trigger[];
  /** Runs one key; must not reject. */
  run: (key: string, trigger: Trigger, signals: RunSignals) => Promise<void>;
  onDepth?: (depth: number) => void;
  onStart?: (key: string, waitedMs: number) => void;
}

/**
 * Keys `namespace/name` that wait for a run: each once, one run at a time for each. {@link WaitingLine} says which of them is
 * next, {@link Shares} how many of a namespace run at a time.
 */
export interface Queue {
  /**
   * Where the key is running, it runs again afterwards. What overtakes the run aborts it, but of one key three in a row at
   * most: the next run goes on to its end unless the object is deleted. Changes that come faster than a run takes thus
   * delay an object by three runs, and never for ever.
   */
  add: (key: string, trigger: Trigger) => void;
  /** Runs the key after a delay, unless something more urgent does before. A later call takes the place of an earlier one. */
  addAfter: (key: string, trigger: Trigger, delayMs: number) => void;
  /** Takes the key out; a run under way is aborted. */
  forget: (key: string) => void;
  /** Begins to run what waits. */
  start: () => void;
  /** Takes no more, aborts what runs, resolves when it has ended. */
  stop: () => Promise<void>;
}

interface Running {
  abort: AbortController;
  /** What asked for another run meanwhile. */
  again: Trigger | undefined;
}

/** Timers hold 31 bits of milliseconds; a longer interval is simply looked at again. */
const longestDelayMs = 2 ** 31 - 1;
const mostOvertaken = 3;

export function createQueue(options: QueueOptions): Queue {
  return new WorkQueue(options);
}

class WorkQueue implements Queue {
  readonly #options: QueueOptions;
  readonly #line = new WaitingLine();
  readonly #shares: Shares;
  readonly #running = new Map<string, Running>();
  readonly #delays = new Map<string, NodeJS.Timeout>();
  /** How many runs of a key were overtaken, one after another. */
  readonly #overtaken = new Map<string, number>();
  readonly #shutdown = new AbortController();
  #isStarted = false;
  #stopped: PromiseWithResolvers<void> | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#shares = new Shares(options.concurrency);
  }

  add(key: string, trigger: Trigger): void {
    if (this.#stopped) return;
    this.#clearDelay(key);
    const current = this.#running.get(key);
    if (current) {
      current.again = current.again === undefined ? trigger : moreUrgent(current.again, trigger);
      if (this.#overtakes(key, trigger)) current.abort.abort(new Error(`overtaken: ${trigger}`));
      return;
    }
    if (this.#line.add(key, trigger)) this.#shares.waits(key, 1);
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
    if (this.#line.delete(key)) this.#shares.waits(key, -1);
    this.#overtaken.delete(key);
    const current = this.#running.get(key);
    if (!current) return;
    current.again = undefined;
    current.abort.abort(new Error("the object was deleted"));
  }

  start(): void {
    this.#isStarted = true;
    this.#startNext();
  }

  stop(): Promise<void> {
    if (this.#stopped) return this.#stopped.promise;
    this.#stopped = Promise.withResolvers();
    for (const timer of this.#delays.values()) clearTimeout(timer);
    const reason = new Error("the controller is shutting down");
    this.#shutdown.abort(reason);
    for (const { abort } of this.#running.values()) abort.abort(reason);
    if (this.#running.size === 0) this.#stopped.resolve();
    return this.#stopped.promise;
  }

  #overtakes(key: string, trigger: Trigger): boolean {
    if (!this.#options.overtakenBy.includes(trigger)) return false;
    return trigger === "deletion" || (this.#overtaken.get(key) ?? 0) < mostOvertaken;
  }

  #startNext(): void {
    const { onDepth, onStart } = this.#options;
    while (this.#isStarted && this.#shares.canAnyRun()) {
      const next = this.#line.take((key) => this.#shares.canRun(key));
      if (!next) break;
      this.#shares.waits(next.key, -1);
      onStart?.(next.key, performance.now() - next.since);
      void this.#start(next.key, next.trigger);
    }
    onDepth?.(this.#line.size);
  }

  async #start(key: string, trigger: Trigger): Promise<void> {
    const current: Running = { abort: new AbortController(), again: undefined };
    this.#running.set(key, current);
    this.#shares.runs(key, 1);
    const { signal } = current.abort;
    await this.#options.run(key, trigger, { signal, shutdown: this.#shutdown.signal });
    this.#running.delete(key);
    this.#shares.runs(key, -1);
    if (signal.aborted && current.again) this.#overtaken.set(key, (this.#overtaken.get(key) ?? 0) + 1);
    else this.#overtaken.delete(key);
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

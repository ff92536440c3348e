import { Fault, type KubeObject } from "@leat/api";
import { announce } from "./conclude.ts";
import type { Reconcilable, Run } from "./definition.ts";
import type { StatusUpdate } from "./outcome.ts";
import { type RunContext, beforeOf, write } from "./run-context.ts";
import type { Trigger } from "./trigger.ts";

/** How long a run lasts before its progress is written to the status. */
const announceAfterMs = 1000;

/** What a run is for. */
export interface Why {
  trigger: Trigger;
  signal: AbortSignal;
}

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
export function startReporting(context: RunContext, object: Reconcilable, stored: KubeObject, why: Why): Reporting {
  return new RunReporting(context, object, stored, why);
}

class RunReporting implements Reporting {
  readonly run: Run;
  readonly #context: RunContext;
  readonly #object: Reconcilable;
  readonly #timer: NodeJS.Timeout;
  #current: KubeObject;
  #message: string | undefined;
  /** The message that the status has. */
  #announced: string | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #isLong = false;

  constructor(context: RunContext, object: Reconcilable, stored: KubeObject, { trigger, signal }: Why) {
    this.#context = context;
    this.#object = object;
    this.#current = stored;
    this.#timer = setTimeout(() => this.#becomeLong(), announceAfterMs);
    this.run = {
      signal,
      log: context.log,
      trigger,
      startedAt: new Date(),
      progress: (message) => this.#progress(message),
      emit: (event) => context.recorder.emit(object, event),
      record: (status) => this.#record(status),
    };
  }

  progress(): string | undefined {
    return this.#message;
  }

  current(): KubeObject {
    return this.#current;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isLong = false;
    await this.#writing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #progress(message: string): void {
    this.#message = message;
    if (this.#isLong) this.#announce();
  }

  #becomeLong(): void {
    this.#isLong = true;
    if (this.#message !== this.#announced) this.#announce();
  }

  #announce(): void {
    // Progress that could not be written is no failure of the run.
    this.#record({}).catch(() => {});
  }

  /** One write serves both: what is recorded, and how far the run is. */
  #record(status: StatusUpdate<object>): Promise<void> {
    const result = this.#writing.then(async () => {
      const message = this.#message;
      const after = await write(this.#context, this.#current, (fresh) => this.#statusOf(fresh, status, message));
      if (!after) throw new Fault("NotFound", "the object was deleted meanwhile");
      this.#current = after;
      this.#announced = message;
    });
    // Who asked for the write hears of its failure; the next write goes on.
    this.#writing = result.catch(() => {});
    return result;
  }

  #statusOf(fresh: KubeObject, status: StatusUpdate<object>, message: string | undefined): object {
    const before = beforeOf(fresh, this.#object);
    const announced = message === undefined ? before.status : announce(before, message, new Date());
    return { ...announced, ...status };
  }
}

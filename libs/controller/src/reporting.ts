import { Fault, type KubeObject } from "@leat/api";
import { type Attributions, createAttributions } from "./attribution.ts";
import { announce, conclude } from "./conclude.ts";
import type { Reconcilable, Run } from "./definition.ts";
import type { EventSpec } from "./event-spec.ts";
import { eventsOf, withNews } from "./news.ts";
import type { Outcome, StatusUpdate } from "./outcome.ts";
import type { RunSignals } from "./queue.ts";
import { beforeOf, type RunContext, write } from "./run-context.ts";
import type { Trigger } from "./trigger.ts";

/** How long a run lasts before its progress is written to the status. */
const announceAfterMs = 1000;

/** What a run is for, and until when. */
export interface Why extends RunSignals {
  trigger: Trigger;
}

export interface Reporting extends AsyncDisposable {
  run: Run;
  detailsOf: Attributions["detailsOf"];
  /** Writes the status that the outcome makes, then emits its events. `false` where the object no longer exists. */
  conclude: (outcome: Outcome<object>) => Promise<boolean>;
  /** The object as it was last written. */
  current: () => KubeObject;
  /** Ends the reporting; resolves when nothing is being written any more. */
  stop: () => Promise<void>;
}

/** Gives a run its means to report, writes its progress to the status once it has lasted a while, and in the end its outcome. */
export function startReporting(context: RunContext, object: Reconcilable, stored: KubeObject, why: Why): Reporting {
  return new RunReporting(context, object, stored, why);
}

class RunReporting implements Reporting {
  readonly run: Run;
  readonly detailsOf: Attributions["detailsOf"];
  readonly #attributions = createAttributions();
  readonly #context: RunContext;
  readonly #object: Reconcilable;
  readonly #before: KubeObject;
  readonly #timer: NodeJS.Timeout;
  #current: KubeObject;
  #message: string | undefined;
  /** The message that the status has. */
  #announced: string | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #isLong = false;

  constructor(context: RunContext, object: Reconcilable, stored: KubeObject, { trigger, signal, shutdown }: Why) {
    this.#context = context;
    this.#object = object;
    this.#before = stored;
    this.#current = stored;
    this.#timer = setTimeout(() => this.#becomeLong(), announceAfterMs);
    const { attribute, step, detailsOf } = this.#attributions;
    this.detailsOf = detailsOf;
    this.run = {
      signal,
      shutdown,
      log: context.log,
      trigger,
      startedAt: new Date(),
      progress: (message) => this.#progress(message),
      emit: (event) => this.#emit(event),
      record: (status) => this.#record(status),
      attribute,
      step,
    };
  }

  async conclude(outcome: Outcome<object>): Promise<boolean> {
    await this.stop();
    const complete = this.#complete(outcome);
    const after = await write(this.#context, this.#current, (fresh) =>
      conclude(beforeOf(fresh, this.#object), complete, new Date()),
    );
    if (!after) return false;
    this.#context.concluded(complete);
    for (const event of eventsOf(this.#before, complete)) this.#emit(event);
    return true;
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

  #complete(outcome: Outcome<object>): Outcome<object> {
    const attributed = this.#attributions.completeOutcome(withNews(this.#before, outcome));
    return attributed.kind === "failed" ? { progress: this.#message, ...attributed } : attributed;
  }

  #emit(event: EventSpec): void {
    this.#context.recorder.emit(this.#object, this.#attributions.completeEvent(event));
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
      if (!after) throw new Fault("NotFound", "the object was deleted");
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

import type { KubeObject, ObjectMeta } from "@leat/api";
import { finalizer, requestedAtAnnotation } from "@leat/api";
import type { Change, Kube, Store } from "@leat/kube";
import type { Logger } from "@leat/log";
import { type Backoff, createBackoff, jittered } from "./backoff.ts";
import type { CommonConfig } from "./common-flags.ts";
import type { ControllerMetrics, Result } from "./controller-metrics.ts";
import type { AnyController, ObjectKey } from "./definition.ts";
import type { Recorder } from "./events.ts";
import { subjectOf } from "./exhaustion.ts";
import type { Outcome } from "./outcome.ts";
import { createQueue, type Queue } from "./queue.ts";
import type { Why } from "./reporting.ts";
import { resourceInfoOf, type Shortfall, shortfallOf } from "./resource-info.ts";
import type { Next } from "./next.ts";
import type { RunLedger } from "./run-ledger.ts";
import { runOnce } from "./run-once.ts";
import type { Trigger } from "./trigger.ts";

export interface ControllerOptions {
  definition: AnyController;
  kube: Kube;
  store: Store;
  recorder: Recorder;
  metrics: ControllerMetrics;
  config: CommonConfig;
  ledger: RunLedger;
  log: Logger;
}

/** Runs the objects of one kind. */
export interface Controller {
  /** To be called for every change of the store. */
  changed: (change: Change<KubeObject>) => void;
  enqueue: (key: ObjectKey, trigger: Trigger) => void;
  /** Begins to run; before it, what there is to do waits. */
  start: () => void;
  stop: () => Promise<void>;
}

export function createController(options: ControllerOptions): Controller {
  return new KindController(options);
}

class KindController implements Controller {
  readonly #options: ControllerOptions;
  readonly #queue: Queue;
  readonly #backoff: Backoff;
  /** What we wrote last, where the watch has not shown it yet. */
  readonly #written = new Map<string, KubeObject>();
  /** Of objects that are not ready: why not. */
  readonly #shortfalls = new Map<string, Shortfall>();

  constructor(options: ControllerOptions) {
    const { config, metrics } = options;
    this.#options = options;
    this.#backoff = createBackoff(config.minRetryDelay, config.maxRetryDelay);
    this.#queue = createQueue({
      concurrency: config.concurrent,
      onDepth: metrics.depth,
      onStart: metrics.started,
      overtakenBy: options.definition.overtakenBy ?? ["deletion", "spec", "request"],
      run: (key, trigger, signals) => this.#run(key, { trigger, ...signals }),
    });
    metrics.objects(() => this.#infos());
  }

  changed({ before, after }: Change<KubeObject>): void {
    if (after) this.#appeared(before, after);
    else if (before) this.#forget(keyOf(before), before);
    this.#options.definition.onChange?.({ ...(before && { before }), ...(after && { after }) });
  }

  enqueue({ namespace, name }: ObjectKey, trigger: Trigger): void {
    this.#add(`${namespace}/${name}`, trigger);
  }

  start(): void {
    this.#queue.start();
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #add(key: string, trigger: Trigger): void {
    this.#options.metrics.added();
    this.#queue.add(key, trigger);
  }

  #appeared(before: KubeObject | undefined, after: KubeObject): void {
    const key = keyOf(after);
    const written = this.#written.get(key);
    if (written && !isNewer(written, after)) this.#written.delete(key);
    const trigger = triggerOf(before, after);
    if (trigger) this.#add(key, trigger);
  }

  #forget(key: string, object: KubeObject): void {
    const objectKey = parseKey(key);
    this.#written.delete(key);
    this.#shortfalls.delete(key);
    this.#backoff.reset(key);
    this.#queue.forget(key);
    this.#options.metrics.forget(objectKey);
    this.#options.ledger.forget(subjectOf(this.#options, object));
    this.#options.definition.forget?.(objectKey);
  }

  async #run(key: string, why: Why): Promise<void> {
    const started = performance.now();
    const objectKey = parseKey(key);
    const context = {
      ...this.#options,
      log: this.#options.log.with({ ...objectKey, reconcileID: crypto.randomUUID() }),
      longestRunMs: this.#options.config.reconciliationTimeout,
      key: objectKey,
      latest: () => this.#latest(key),
      wrote: (object: KubeObject) => void this.#written.set(key, object),
      concluded: (outcome: Outcome<object>) => this.#note(key, shortfallOf(outcome)),
    };
    const next = await runOnce(context, why);
    this.#options.metrics.finished(objectKey, (performance.now() - started) / 1000, resultOf(next));
    // The watch may show that the object is gone before its last run has ended.
    if (this.#latest(key) === undefined) this.#options.metrics.forget(objectKey);
    this.#schedule(key, next);
  }

  #note(key: string, shortfall: Shortfall | undefined): void {
    if (shortfall) this.#shortfalls.set(key, shortfall);
    else this.#shortfalls.delete(key);
  }

  *#infos(): Iterable<Record<string, string>> {
    const { definition, store } = this.#options;
    for (const object of store.list())
      yield resourceInfoOf(definition.kind, object, this.#shortfalls.get(keyOf(object)));
  }

  #latest(key: string): KubeObject | undefined {
    const { namespace, name } = parseKey(key);
    const seen = this.#options.store.get(namespace, name);
    const written = this.#written.get(key);
    if (!seen || !written || written.metadata.uid !== seen.metadata.uid) return seen;
    return isNewer(written, seen) ? written : seen;
  }

  #schedule(key: string, next: Next): void {
    if (next.kind !== "backoff") this.#backoff.reset(key);
    if (next.failed && next.kind !== "never") this.#options.metrics.retried();
    switch (next.kind) {
      case "never":
        return;
      case "interval":
        this.#queue.addAfter(key, "interval", jittered(next.afterMs, this.#options.config.intervalJitterPercentage));
        return;
      case "after":
        this.#queue.addAfter(key, next.trigger ?? "retry", next.afterMs);
        return;
      case "backoff":
        this.#queue.addAfter(key, "retry", Math.min(this.#backoff.next(key), next.mostMs ?? Number.POSITIVE_INFINITY));
        return;
    }
  }
}

/** What a change of an object asks for; labels, annotations and status of its own change nothing. */
function triggerOf(before: KubeObject | undefined, { metadata }: KubeObject): Trigger | undefined {
  const earlier = before?.metadata.uid === metadata.uid ? before?.metadata : undefined;
  if (metadata.deletionTimestamp !== undefined) return isToBeFinalized(earlier, metadata) ? "deletion" : undefined;
  if (!earlier) return "created";
  if (earlier.generation !== metadata.generation) return "spec";
  const asked = requestOf(metadata);
  return asked !== undefined && asked !== requestOf(earlier) ? "request" : undefined;
}

function isToBeFinalized(earlier: ObjectMeta | undefined, { finalizers }: ObjectMeta): boolean {
  return earlier?.deletionTimestamp === undefined && finalizers?.includes(finalizer) === true;
}

function requestOf({ annotations }: ObjectMeta): string | undefined {
  return annotations?.[requestedAtAnnotation];
}

function resultOf(next: Next): Result {
  if (next.failed) return next.kind === "never" ? "terminal_error" : "error";
  return next.kind === "never" ? "success" : "requeue_after";
}

function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return `${namespace ?? ""}/${name}`;
}

function parseKey(key: string): ObjectKey {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Resource versions of one resource are ordered numbers. */
function isNewer(a: KubeObject, b: KubeObject): boolean {
  return BigInt(a.metadata.resourceVersion ?? 0) > BigInt(b.metadata.resourceVersion ?? 0);
}

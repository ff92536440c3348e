import type { KubeObject } from "@leat/api";
import { finalizer, requestedAtAnnotation } from "@leat/api";
import type { Change, Kube, Store } from "@leat/kube";
import type { Logger } from "@leat/log";
import { type Backoff, createBackoff, jittered } from "./backoff.ts";
import type { Cause } from "./cause.ts";
import type { CommonConfig } from "./common-flags.ts";
import type { ControllerMetrics } from "./controller-metrics.ts";
import type { AnyController, ObjectKey } from "./definition.ts";
import type { Recorder } from "./events.ts";
import { createQueue, type Queue } from "./queue.ts";
import { runOnce, type Next } from "./run-once.ts";

export interface ControllerOptions {
  definition: AnyController;
  kube: Kube;
  store: Store;
  recorder: Recorder;
  metrics: ControllerMetrics;
  config: CommonConfig;
  log: Logger;
}

/** Runs the objects of one kind. */
export interface Controller {
  /** To be called for every change of the store. */
  changed: (change: Change<KubeObject>) => void;
  wake: (key: ObjectKey, cause: Cause) => void;
  /** Takes up the work; before it only notes what there is to do. */
  start: () => void;
  stop: () => Promise<void>;
}

export function createController(options: ControllerOptions): Controller {
  const { definition, config, metrics } = options;
  const backoff = createBackoff(config.minRetryDelay, config.maxRetryDelay);
  /** What we wrote last, where the watch has not shown it yet. */
  const written = new Map<string, KubeObject>();
  let held: Array<() => void> | undefined = [];

  const queue = createQueue({
    concurrency: config.concurrent,
    onDepth: metrics.depth,
    onStart: metrics.started,
    run: (key, cause, signal) => runKey(key, cause, signal),
  });

  async function runKey(key: string, cause: Cause, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    const objectKey = parseKey(key);
    const attempt = {
      ...options,
      log: options.log.with({ ...objectKey, reconcileID: crypto.randomUUID() }),
      key: objectKey,
      latest: () => latestOf(key),
      wrote: (object: KubeObject) => void written.set(key, object),
    };
    const next = await runOnce(attempt, cause, signal);
    metrics.finished(objectKey, (performance.now() - started) / 1000, resultOf(next));
    schedule({ queue, backoff, jitter: config.intervalJitterPercentage }, key, next);
  }

  function latestOf(key: string): KubeObject | undefined {
    const { namespace, name } = parseKey(key);
    const seen = options.store.get(namespace, name);
    const wrote = written.get(key);
    if (!seen || !wrote || wrote.metadata.uid !== seen.metadata.uid) return seen;
    return isNewer(wrote, seen) ? wrote : seen;
  }

  function add(key: string, cause: Cause): void {
    metrics.added();
    if (held) held.push(() => queue.add(key, cause));
    else queue.add(key, cause);
  }

  function changed({ before, after }: Change<KubeObject>): void {
    if (after) {
      const key = keyOf(after);
      const wrote = written.get(key);
      if (wrote && !isNewer(wrote, after)) written.delete(key);
      const cause = causeOf(before, after);
      if (cause) add(key, cause);
    } else if (before) {
      const key = keyOf(before);
      written.delete(key);
      backoff.reset(key);
      queue.forget(key);
      metrics.forget(parseKey(key));
      definition.forget?.(parseKey(key));
    }
    definition.onChange?.({ ...(before && { before }), ...(after && { after }) });
  }

  return {
    changed,
    wake: ({ namespace, name }, cause) => add(`${namespace}/${name}`, cause),
    start: () => {
      const queued = held ?? [];
      held = undefined;
      for (const queueNow of queued) queueNow();
    },
    stop: () => queue.stop(),
  };
}

/** What a change of an object asks for; labels, annotations and status of its own change nothing. */
function causeOf(before: KubeObject | undefined, after: KubeObject): Cause | undefined {
  if (after.metadata.deletionTimestamp !== undefined) {
    const mine = after.metadata.finalizers?.includes(finalizer) === true;
    return mine && before?.metadata.deletionTimestamp === undefined ? "deletion" : undefined;
  }
  if (!before || before.metadata.uid !== after.metadata.uid) return "created";
  if (before.metadata.generation !== after.metadata.generation) return "spec";
  const requestedAt = after.metadata.annotations?.[requestedAtAnnotation];
  return requestedAt !== undefined && requestedAt !== before.metadata.annotations?.[requestedAtAnnotation]
    ? "request"
    : undefined;
}

function schedule(
  { queue, backoff, jitter }: { queue: Queue; backoff: Backoff; jitter: number },
  key: string,
  next: Next,
): void {
  if (next.kind !== "backoff") backoff.reset(key);
  switch (next.kind) {
    case "never":
      return;
    case "interval":
      queue.addAfter(key, "interval", jittered(next.afterMs, jitter));
      return;
    case "after":
      queue.addAfter(key, "retry", next.afterMs);
      return;
    case "backoff":
      queue.addAfter(key, "retry", backoff.next(key));
      return;
  }
}

function resultOf(next: Next): "success" | "error" | "requeue_after" {
  if (next.failed) return "error";
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

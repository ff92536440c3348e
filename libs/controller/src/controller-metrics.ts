import type { Histogram } from "prom-client";
import type { ObjectKey } from "./definition.ts";
import type { Sample } from "./live-gauge.ts";
import { metricCatalogue } from "./metric-catalogue.ts";
import type { Metrics } from "./metrics.ts";
import { resourceSeries } from "./resource-series.ts";

export interface ControllerMetrics {
  /** Reads the objects at each scrape. */
  objects: (infos: () => Iterable<Record<string, string>>) => void;
  started: (key: string, waitedMs: number) => void;
  depth: (depth: number) => void;
  added: () => void;
  /** An object is queued again because it has failed. */
  retried: () => void;
  finished: (key: ObjectKey, seconds: number, result: Result) => void;
  /** Drops the series of an object that is gone, and of its namespace with the last one. */
  forget: (key: ObjectKey) => void;
}

export type Result = "success" | "error" | "terminal_error" | "requeue_after";

/** The series that dashboards for Flux and for controller-runtime read, for one kind. */
export function createControllerMetrics(metrics: Metrics, kind: string, concurrency: number): ControllerMetrics {
  const controller = kind.toLowerCase();
  const queue = { name: controller, controller };
  const series = seriesOf(metrics);
  series.mostWorkers.set({ controller }, concurrency);
  for (const result of ["success", "error", "requeue", "requeue_after"]) series.total.inc({ controller, result }, 0);
  for (const metric of [series.errors, series.terminalErrors]) metric.inc({ controller }, 0);
  series.retries.inc(queue, 0);
  const running = new Map<string, number>();
  metrics.live(metricCatalogue.longestRun, () => [secondsOf(queue, running, (all) => Math.max(0, ...all))]);
  metrics.live(metricCatalogue.unfinished, () => [secondsOf(queue, running, (all) => all.reduce(plus, 0))]);
  const durations = durationsOf(kind, series.duration);
  return {
    objects: (infos) => metrics.live(metricCatalogue.resourceInfo, () => resourceSeries(infos())),
    started: (key, waitedMs) => {
      running.set(key, performance.now());
      series.active.inc({ controller });
      series.waited.observe(queue, waitedMs / 1000);
    },
    depth: (depth) => series.depth.set(queue, depth),
    added: () => series.adds.inc(queue),
    retried: () => series.retries.inc(queue),
    finished: (key, seconds, result) => {
      running.delete(`${key.namespace}/${key.name}`);
      series.active.dec({ controller });
      durations.observe(key, seconds);
      series.time.observe({ controller }, seconds);
      series.worked.observe(queue, seconds);
      series.total.inc({ controller, result: result === "terminal_error" ? "error" : result });
      if (result === "terminal_error") series.terminalErrors.inc({ controller });
      if (result === "error" || result === "terminal_error") series.errors.inc({ controller });
    },
    forget: durations.forget,
  };
}

/** A histogram for each namespace, as long as objects of it are left. */
function durationsOf(kind: string, histogram: Histogram) {
  const known = new Map<string, Set<string>>();
  return {
    observe: ({ namespace, name }: ObjectKey, seconds: number) => {
      known.getOrInsertComputed(namespace, () => new Set()).add(name);
      histogram.observe({ kind, namespace }, seconds);
    },
    forget: ({ namespace, name }: ObjectKey) => {
      const left = known.get(namespace);
      left?.delete(name);
      if (left?.size !== 0) return;
      known.delete(namespace);
      histogram.remove({ kind, namespace });
    },
  };
}

function secondsOf(
  labels: Record<string, string>,
  running: ReadonlyMap<string, number>,
  sum: (seconds: readonly number[]) => number,
): Sample {
  const now = performance.now();
  return { labels, value: sum([...running.values()].map((since) => (now - since) / 1000)) };
}

function plus(a: number, b: number): number {
  return a + b;
}

function seriesOf({ counter, gauge, histogram }: Metrics) {
  return {
    duration: histogram(metricCatalogue.reconcileDuration),
    time: histogram(metricCatalogue.reconcileTime),
    total: counter(metricCatalogue.reconcileTotal),
    errors: counter(metricCatalogue.reconcileErrors),
    terminalErrors: counter(metricCatalogue.terminalErrors),
    active: gauge(metricCatalogue.activeWorkers),
    mostWorkers: gauge(metricCatalogue.mostWorkers),
    depth: gauge(metricCatalogue.depth),
    adds: counter(metricCatalogue.adds),
    retries: counter(metricCatalogue.retries),
    waited: histogram(metricCatalogue.waited),
    worked: histogram(metricCatalogue.worked),
  };
}

import type { Metrics } from "./metrics.ts";
import type { ObjectKey } from "./definition.ts";

export interface ControllerMetrics {
  started: (waitedMs: number) => void;
  depth: (depth: number) => void;
  added: () => void;
  finished: (key: ObjectKey, seconds: number, result: "success" | "error" | "requeue_after") => void;
  /** Drops the series of an object that is gone. */
  forget: (key: ObjectKey) => void;
}

/** 10 ms to 1800 s in ten exponential steps, as Flux has them. */
const reconcileBuckets = Array.from({ length: 10 }, (_, step) => 0.01 * 180_000 ** (step / 9));
const queueBuckets = [0.001, 0.01, 0.1, 1, 10, 100];

/** The series that dashboards for Flux and for controller-runtime read, for one kind. */
export function createControllerMetrics(metrics: Metrics, kind: string, concurrency: number): ControllerMetrics {
  const controller = kind.toLowerCase();
  const duration = metrics.histogram(
    "gotk_reconcile_duration_seconds",
    "Duration of a reconciliation.",
    ["kind", "name", "namespace"],
    reconcileBuckets,
  );
  const time = metrics.histogram(
    "controller_runtime_reconcile_time_seconds",
    "Duration of a reconciliation.",
    ["controller"],
    reconcileBuckets,
  );
  const total = metrics.counter("controller_runtime_reconcile_total", "Reconciliations.", ["controller", "result"]);
  const errors = metrics.counter("controller_runtime_reconcile_errors_total", "Reconciliations that failed.", [
    "controller",
  ]);
  const active = metrics.gauge("controller_runtime_active_workers", "Reconciliations under way.", ["controller"]);
  const queueDepth = metrics.gauge("workqueue_depth", "Objects that wait for a reconciliation.", ["name"]);
  const adds = metrics.counter("workqueue_adds_total", "Times that an object was queued.", ["name"]);
  const waited = metrics.histogram(
    "workqueue_queue_duration_seconds",
    "Time that an object waited.",
    ["name"],
    queueBuckets,
  );
  metrics
    .gauge("controller_runtime_max_concurrent_reconciles", "Limit of reconciliations at the same time.", ["controller"])
    .set({ controller }, concurrency);
  const labels = ({ namespace, name }: ObjectKey) => ({ kind, name, namespace });
  return {
    started: (waitedMs) => {
      active.inc({ controller });
      waited.observe({ name: controller }, waitedMs / 1000);
    },
    depth: (depth) => queueDepth.set({ name: controller }, depth),
    added: () => adds.inc({ name: controller }),
    finished: (key, seconds, result) => {
      active.dec({ controller });
      duration.observe(labels(key), seconds);
      time.observe({ controller }, seconds);
      total.inc({ controller, result });
      if (result === "error") errors.inc({ controller });
    },
    forget: (key) => duration.remove(labels(key)),
  };
}

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
  const series = seriesOf(metrics);
  series.limit.set({ controller }, concurrency);
  const labels = ({ namespace, name }: ObjectKey) => ({ kind, name, namespace });
  return {
    started: (waitedMs) => {
      series.active.inc({ controller });
      series.waited.observe({ name: controller }, waitedMs / 1000);
    },
    depth: (depth) => series.depth.set({ name: controller }, depth),
    added: () => series.adds.inc({ name: controller }),
    finished: (key, seconds, result) => {
      series.active.dec({ controller });
      series.duration.observe(labels(key), seconds);
      series.time.observe({ controller }, seconds);
      series.total.inc({ controller, result });
      if (result === "error") series.errors.inc({ controller });
    },
    forget: (key) => series.duration.remove(labels(key)),
  };
}

function seriesOf({ counter, gauge, histogram }: Metrics) {
  const runtime = (name: string) => `controller_runtime_${name}`;
  const queue = (name: string) => `workqueue_${name}`;
  const took = "Duration of a reconciliation.";
  return {
    duration: histogram("gotk_reconcile_duration_seconds", took, ["kind", "name", "namespace"], reconcileBuckets),
    time: histogram(runtime("reconcile_time_seconds"), took, ["controller"], reconcileBuckets),
    total: counter(runtime("reconcile_total"), "Reconciliations.", ["controller", "result"]),
    errors: counter(runtime("reconcile_errors_total"), "Reconciliations that failed.", ["controller"]),
    active: gauge(runtime("active_workers"), "Reconciliations under way.", ["controller"]),
    limit: gauge(runtime("max_concurrent_reconciles"), "Most reconciliations at a time.", ["controller"]),
    depth: gauge(queue("depth"), "Objects that wait for a reconciliation.", ["name"]),
    adds: counter(queue("adds_total"), "Times that an object was queued.", ["name"]),
    waited: histogram(queue("queue_duration_seconds"), "Time that an object waited.", ["name"], queueBuckets),
  };
}

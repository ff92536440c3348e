import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  counter: (name: string, help: string, labels?: readonly string[]) => Counter;
  gauge: (name: string, help: string, labels?: readonly string[]) => Gauge;
  /** @param buckets upper bounds in seconds */
  histogram: (name: string, help: string, labels: readonly string[], buckets: number[]) => Histogram;
  /** All series in the Prometheus text format. */
  text: () => Promise<string>;
  contentType: string;
}

/** Node's own 10 ms wake a process that has nothing to do so often that this alone is most of what it costs. */
const eventLoopMonitoringPrecision = 50;

/**
 * A registry of its own, with Node's process metrics. The delay of the event loop is among them (`nodejs_eventloop_lag_*`): the
 * time from one tick of a timer of 50 ms to the next.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  const registers = [registry];
  // Programs that share a process share series: who comes second gets what the first has made.
  const existing = (name: string): unknown => registry.getSingleMetric(name);
  return {
    counter: (name, help, labelNames = []) =>
      (existing(name) as Counter | undefined) ?? new Counter({ name, help, labelNames, registers }),
    gauge: (name, help, labelNames = []) =>
      (existing(name) as Gauge | undefined) ?? new Gauge({ name, help, labelNames, registers }),
    histogram: (name, help, labelNames, buckets) =>
      (existing(name) as Histogram | undefined) ?? new Histogram({ name, help, labelNames, buckets, registers }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

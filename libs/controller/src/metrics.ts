import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { LiveGauge, type ReadSamples } from "./live-gauge.ts";
import type { MetricDefinition } from "./metric-catalogue.ts";

/** Programs that share a process share series: who comes second gets what the first has made. */
export interface Metrics {
  counter: (definition: MetricDefinition) => Counter;
  gauge: (definition: MetricDefinition) => Gauge;
  histogram: (definition: MetricDefinition) => Histogram;
  /** A gauge that is read at each scrape; who comes second adds series. */
  live: (definition: MetricDefinition, read: ReadSamples) => void;
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
  const existing = ({ name }: MetricDefinition): unknown => registry.getSingleMetric(name);
  const settings = ({ name, help, labels }: MetricDefinition) => ({
    name,
    help,
    labelNames: labels,
    registers: [registry],
  });
  return {
    counter: (metric) => (existing(metric) as Counter | undefined) ?? new Counter(settings(metric)),
    gauge: (metric) => (existing(metric) as Gauge | undefined) ?? new Gauge(settings(metric)),
    histogram: (metric) =>
      (existing(metric) as Histogram | undefined) ??
      new Histogram({ ...settings(metric), buckets: [...(metric.buckets ?? [])] }),
    live: (metric, read) => {
      const gauge = (existing(metric) as LiveGauge | undefined) ?? new LiveGauge(settings(metric));
      gauge.add(read);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

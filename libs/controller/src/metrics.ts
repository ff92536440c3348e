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

/** A registry of its own, with Node's process metrics, the delay of the event loop among them (`nodejs_eventloop_lag_*`). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter: (name, help, labels = []) =>
      existing(registry, name) ?? new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = []) =>
      existing(registry, name) ?? new Gauge({ name, help, labelNames: [...labels], registers }),
    histogram: (name, help, labels, buckets) =>
      existing(registry, name) ?? new Histogram({ name, help, labelNames: [...labels], buckets, registers }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Programs that share a process share series: who comes second gets what the first has made. */
function existing<Metric>(registry: Registry, name: string): Metric | undefined {
  return registry.getSingleMetric(name) as Metric | undefined;
}

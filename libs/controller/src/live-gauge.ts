import { Gauge, type MetricObjectWithValues, type MetricValue } from "prom-client";

/** One series. Labels that are absent or empty are the same to Prometheus: leave those out. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

export type ReadSamples = () => Iterable<Sample>;

/** A gauge whose series are read when it is scraped: between two scrapes it costs nothing, neither time nor memory. */
export class LiveGauge extends Gauge {
  readonly #reads: ReadSamples[] = [];

  add(read: ReadSamples): void {
    this.#reads.push(read);
  }

  override async get(): Promise<MetricObjectWithValues<MetricValue<string>>> {
    return { ...(await super.get()), values: this.#reads.flatMap((read) => [...read()]) };
  }
}

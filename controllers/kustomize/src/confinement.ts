import type { MetricDefinition, Setup } from "@leat/controller";
import type { Builder } from "@leat/kustomize";
import type { Config } from "./config.ts";

const confinementMetric: MetricDefinition = {
  name: "leat_kustomize_confinement",
  type: "gauge",
  help: "1 for what keeps builds from reading anything but their files: sandbox, memory or paths.",
  labels: ["by"],
};

/** Says in the log and in a metric what keeps builds from reading anything but their files. */
export async function tellConfinement(
  builder: Pick<Builder, "confinement">,
  { log, metrics }: Pick<Setup<Config>, "log" | "metrics">,
): Promise<void> {
  const series = metrics.gauge(confinementMetric);
  try {
    const { by, why } = await builder.confinement();
    series.set({ by }, 1);
    if (by === "sandbox") log.info("kustomizations are built in a sandbox", { confinement: by });
    else log.error("kustomizations are built without a sandbox", { confinement: by, why });
  } catch (error) {
    log.error("what confines builds could not be found out", { err: error });
  }
}

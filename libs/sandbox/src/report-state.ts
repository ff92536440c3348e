import type { Logger } from "@leat/log";
import type { SandboxState } from "./sandbox-state.ts";

const stateMetric = {
  name: "leat_sandbox_state",
  type: "gauge",
  help: "1 for the state of a sandbox: sandboxed, unsandboxed (the system has no sandbox) or unavailable (the program cannot be started).",
  labels: ["sandbox", "state"],
} as const;

interface Reporting {
  log: Pick<Logger, "info" | "error">;
  metrics: {
    gauge: (definition: typeof stateMetric) => { set: (labels: Record<string, string>, value: number) => void };
  };
}

/** Reports the isolation of a program in the log and in the metric `leat_sandbox_state`. */
export async function reportSandboxState(
  sandbox: string,
  state: () => Promise<SandboxState>,
  { log, metrics }: Reporting,
): Promise<void> {
  const series = metrics.gauge(stateMetric);
  try {
    const { kind, ...details } = await state();
    series.set({ sandbox, state: kind }, 1);
    if (kind === "sandboxed") log.info("sandbox established", { sandbox, state: kind, ...details });
    else log.error("sandbox not established", { sandbox, state: kind, ...details });
  } catch (error) {
    log.error("the state of the sandbox could not be determined", { sandbox, err: error });
  }
}

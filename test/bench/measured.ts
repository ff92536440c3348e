import type { Usage } from "./usage.ts";

/** What a scenario has measured. */
export interface Measured {
  scenario: string;
  /** What one round is, or what the scenario is made of. */
  about: string;
  /** Seconds, a figure a round. */
  seconds: number[];
  /** Steps that are measured one by one. */
  steps?: Array<{ name: string; seconds: number; usage: Usage }>;
}

export function summaryOf(measured: Measured): string {
  const { scenario, about, seconds, steps = [] } = measured;
  if (seconds.length > 0) return `${scenario.padEnd(8)} ${figuresOf(seconds)}   ${about}`;
  const lines = steps.map(({ name, seconds: took, usage }) => {
    const requests = Object.values(usage.requests).reduce((sum, count) => sum + count, 0);
    const memory = Object.entries(usage.residentMiB).map(([program, mib]) => `${program} ${mib.toFixed(0)} MiB`);
    return `  ${name.padEnd(22)} ${took.toFixed(2)} s, ${usage.cpuSeconds.toFixed(2)} CPU s, ${requests} requests, ${memory.join(", ")}`;
  });
  return [`${scenario.padEnd(8)} ${about}`, ...lines].join("\n");
}

function figuresOf(seconds: number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return `median ${at(0.5).toFixed(3)} s, p90 ${at(0.9).toFixed(3)} s, worst ${at(1).toFixed(3)} s of ${seconds.length}`;
}

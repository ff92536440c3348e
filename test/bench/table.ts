import type { Measured, Step } from "./measured.ts";

/** What one stack measured in one scenario. */
export interface Result extends Measured {
  stack: string;
}

/** A Markdown table: a row for each scenario or step of it, a column for each stack. */
export function tableOf(stacks: readonly string[], results: readonly Result[]): string {
  const rows = new Map<string, Map<string, string>>();
  for (const result of results) {
    for (const [label, text] of cellsOf(result)) {
      const row = rows.get(label) ?? new Map<string, string>();
      rows.set(label, row.set(result.stack, text));
    }
  }
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body = [...rows].map(([label, row]) => line([label, ...stacks.map((stack) => row.get(stack) ?? "–")]));
  return [line(["scenario", ...stacks]), line(["---", ...stacks.map(() => "---")]), ...body].join("\n");
}

/** Label and text of each row that a result gives. */
export function cellsOf({ scenario, seconds, steps = [], instead }: Measured): Array<[string, string]> {
  if (instead !== undefined) return [[scenario, instead]];
  if (seconds.length > 0) return [[scenario, figuresOf(seconds)]];
  const cells = steps.map((step): [string, string] => [`${scenario}, ${step.name}`, costOf(step)]);
  const last = steps.at(-1)?.usage;
  const memory = last && memoryOf(last.residentMiB, last.peakMiB);
  return memory ? [...cells, [`${scenario}, memory`, memory]] : cells;
}

function figuresOf(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return `median ${at(0.5).toFixed(3)} s, p90 ${at(0.9).toFixed(3)} s, worst ${at(1).toFixed(3)} s of ${seconds.length}`;
}

function costOf({ seconds, usage, count }: Step): string {
  const cpuSeconds = usage?.cpuSeconds ?? 0;
  if (count !== undefined) {
    return `${(count / seconds).toFixed(0)}/s · ${((cpuSeconds * 1000) / count).toFixed(2)} CPU ms each`;
  }
  const requests = Object.values(usage?.requests ?? {}).reduce((sum, one) => sum + one, 0);
  return `${seconds.toFixed(2)} s · ${cpuSeconds.toFixed(2)} CPU s · ${requests.toLocaleString("en")} requests`;
}

function memoryOf(resident: Record<string, number>, peak: Record<string, number>): string {
  const total = (of: Record<string, number>) => Object.values(of).reduce((sum, one) => sum + one, 0);
  return total(peak) === 0 ? "" : `${total(resident).toFixed(0)} MiB at the end, ${total(peak).toFixed(0)} MiB at most`;
}

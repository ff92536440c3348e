import type { Measured, Step } from "./measured.ts";
import { sumOf } from "./memory.ts";
import type { Usage } from "./usage.ts";

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
export function cellsOf(measured: Measured): Array<[string, string]> {
  const { scenario, seconds, series = {}, steps = [], instead } = measured;
  if (instead !== undefined) return [[scenario, instead]];
  if (seconds.length > 0) return [[scenario, figuresOf(seconds)]];
  const rows: Array<[string, string]> = [
    ...Object.entries(series).map(([name, figures]): [string, string] => [name, figuresOf(figures)]),
    ...steps.map((step): [string, string] => [step.name, costOf(step)]),
    ...usageRows(measured),
  ];
  return rows.map(([label, text]) => [`${scenario}, ${label}`, text]);
}

function figuresOf(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return `median ${at(0.5).toFixed(3)} s, p90 ${at(0.9).toFixed(3)} s, worst ${at(1).toFixed(3)} s of ${seconds.length}`;
}

function costOf({ seconds, usage, rate }: Step): string {
  if (rate !== undefined) {
    const { count, cpuSeconds } = rate;
    return `${(count / seconds).toFixed(0)}/s · ${((cpuSeconds * 1000) / count).toFixed(2)} CPU ms each`;
  }
  const [cpuSeconds, requests] = [sumOf(usage?.cpuSeconds ?? {}), sumOf(usage?.requests ?? {})];
  return `${seconds.toFixed(2)} s · ${cpuSeconds.toFixed(2)} CPU s · ${requests.toLocaleString("en")} requests`;
}

/** Memory and the delay of event loops, over all steps. */
function usageRows({ steps = [], memoryOfEach = false }: Measured): Array<[string, string]> {
  const used = steps.flatMap(({ name, usage }) => (usage ? [{ name, usage }] : []));
  const last = used.at(-1)?.usage;
  if (last === undefined) return [];
  const most = Math.max(...used.map(({ usage }) => usage.peakTogetherMiB));
  const rows: Array<[string, string]> = [
    ["memory", `${sumOf(last.residentMiB).toFixed(0)} MiB at the end, ${most.toFixed(0)} MiB at most`],
  ];
  if (memoryOfEach) {
    for (const name of Object.keys(last.residentMiB)) rows.push([`memory of ${name}`, memoryOf(name, used)]);
  }
  const delays = used.map(({ usage }) => usage.eventLoopDelayMs);
  const text = Object.keys(last.eventLoopDelayMs).map((name) => `${name} ${delayOf(name, delays)}`);
  return text.length > 0 ? [...rows, ["event-loop delay", text.join(", ")]] : rows;
}

function memoryOf(program: string, steps: ReadonlyArray<{ name: string; usage: Usage }>): string {
  const figure = (of: Record<string, number>) => (of[program] ?? 0).toFixed(0);
  const each = steps.map(
    ({ name, usage }) => `${name} ${figure(usage.residentMiB)} (at most ${figure(usage.peakMiB)})`,
  );
  return `MiB at the end of ${each.join(", ")}`;
}

/** The highest p99 of any step, and the worst of all. */
function delayOf(program: string, steps: ReadonlyArray<Usage["eventLoopDelayMs"]>): string {
  const of = (which: "p99" | "worst") => Math.max(...steps.map((step) => step[program]?.[which] ?? 0)).toFixed(0);
  return `p99 ${of("p99")} ms, worst ${of("worst")} ms`;
}

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Finished, run } from "@leat/process";
import { openPrivateDirectory } from "@leat/testing";
import { binary } from "@leat/toolchain";
import { parseYaml, stringifyYaml } from "@leat/yaml";
import type { Sample } from "./series.ts";
import { chartDirectory } from "./helm.ts";

const rulesFile = join(chartDirectory, "files/rules.yaml");

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface RuleGroup {
  name: string;
  rules: AlertRule[];
}

/** What was scraped, and for how many minutes it stays so. */
export interface Phase {
  samples: readonly Sample[];
  minutes: number;
}

/** An alert that fires, as Alertmanager is told of it. */
export interface Alert {
  exp_labels: Record<string, string>;
  exp_annotations: Record<string, string>;
}

/** What has to hold some time after the first scrape. */
export type Expectation =
  | { minute: number; alert: string; fires: Alert[] }
  /** The query is answered, by numbers. */
  | { minute: number; query: string };

export async function readRules(): Promise<RuleGroup[]> {
  return (parseYaml(await readFile(rulesFile, "utf8"), rulesFile) as { groups: RuleGroup[] }).groups;
}

/** Checks the rules file. */
export async function checkRules(): Promise<Finished> {
  return run(await binary("promtool"), ["check", "rules", "--lint=all", "--lint-fatal", rulesFile], {
    timeoutMs: 30_000,
  });
}

/**
 * Plays scrapes, one a minute, to Prometheus' own engine with our rules.
 *
 * @throws Error that says which expectation does not hold, and what is there instead
 */
export async function play(phases: readonly Phase[], expectations: readonly Expectation[]): Promise<void> {
  const queries = expectations.filter((one) => "query" in one);
  const alerts = expectations.filter((one) => "alert" in one);
  const file = {
    rule_files: [rulesFile],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: seriesOf(phases),
        alert_rule_test: alerts.map(({ minute, alert, fires }) => {
          return { eval_time: `${minute}m`, alertname: alert, exp_alerts: fires };
        }),
        promql_expr_test: queries.map(({ minute, query }) => {
          return {
            eval_time: `${minute}m`,
            expr: `count((${query}) >= -Inf) > bool 0`,
            exp_samples: [{ labels: "{}", value: 1 }],
          };
        }),
      },
    ],
  };
  await using directory = await openPrivateDirectory();
  const path = join(directory.path, "test.yaml");
  await writeFile(path, stringifyYaml(file));
  const { exitCode, stdout, stderr } = await run(await binary("promtool"), ["test", "rules", path], {
    timeoutMs: 60_000,
  });
  if (exitCode !== 0) throw new Error(`${stdout.toString()}${stderr}`);
}

interface InputSeries {
  series: string;
  values: string;
}

/** In promtool's notation: `1x14` is 1 and 14 more of it, `_x14` nothing 14 times. */
function seriesOf(phases: readonly Phase[]): InputSeries[] {
  const ids = new Set(phases.flatMap(({ samples }) => samples.map(idOf)));
  const values = phases.map(({ samples }) => new Map(samples.map((sample) => [idOf(sample), sample.value])));
  return [...ids].map((series) => {
    const parts = phases.map(({ minutes }, index) => {
      const value = values[index]?.get(series);
      if (value !== undefined) return repeated(value, minutes);
      const isGone = index > 0 && values[index - 1]?.has(series) === true;
      // What is no longer served ends at once, and not only after five minutes.
      return isGone ? `stale _x${minutes - 1}` : `_x${minutes}`;
    });
    return { series, values: parts.join(" ") };
  });
}

function idOf({ name, labels }: Sample): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(",")}}`;
}

/** The notation can only repeat numbers. */
function repeated(value: number, times: number): string {
  if (Number.isFinite(value)) return `${value}x${times - 1}`;
  return Array.from({ length: times }, () => String(value).replace("Infinity", "Inf")).join(" ");
}

import { type Expectation, type Phase, play, readRules } from "./promtool.ts";
import type { Sample } from "./series.ts";

export interface Incident {
  /** What is scraped while something is wrong, and after it was mended. */
  wrong: readonly Sample[];
  mended: readonly Sample[];
  /** What was scraped before, where an alert looks at what has changed. */
  before?: readonly Sample[];
}

/**
 * Shows that an alert fires while something is wrong, not before its time and no other with it, and that it is resolved once
 * that is mended.
 *
 * @param labels of the alert, without those of the rule itself
 * @param lookbackMinutes for how long the rule sees what is over, where it does
 */
export async function assertFiresAndResolves(
  name: string,
  labels: Record<string, string>,
  { before, wrong, mended }: Incident,
  lookbackMinutes = 0,
): Promise<void> {
  const rules = (await readRules()).flatMap((group) => group.rules);
  const rule = rules.find(({ alert }) => alert === name);
  if (rule === undefined) throw new Error(`there is no alert ${name}`);
  const start = before === undefined ? 0 : 5;
  const waits = minutesOf(rule.for ?? "0m");
  const lasts = waits + 5;
  const phases: Phase[] = [
    ...(before === undefined ? [] : [{ samples: before, minutes: start }]),
    { samples: wrong, minutes: lasts },
    { samples: mended, minutes: lookbackMinutes + 10 },
  ];
  const exp_labels = { ...rule.labels, ...labels };
  const exp_annotations = Object.fromEntries(
    Object.entries(rule.annotations).map(([key, text]) => [key, written(text, labels)]),
  );
  const firing = start + lasts - 1;
  const resolved = start + lasts + lookbackMinutes + 8;
  const others = rules.filter(({ alert }) => alert !== name);
  await play(phases, [
    ...(waits > 0 ? [{ minute: start + waits - 1, alert: name, fires: [] }] : []),
    { minute: firing, alert: name, fires: [{ exp_labels, exp_annotations }] },
    ...others.map(({ alert }): Expectation => ({ minute: firing, alert, fires: [] })),
    ...rules.map(({ alert }): Expectation => ({ minute: resolved, alert, fires: [] })),
  ]);
}

/** As Prometheus writes it; `$value` is 1 in all alerts that are tried. */
function written(text: string, labels: Record<string, string>): string {
  return text
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? "")
    .replaceAll("{{ $value }}", "1");
}

const minutes: Record<string, number> = { m: 1, h: 60, d: 24 * 60 };

function minutesOf(duration: string): number {
  return Number.parseInt(duration, 10) * (minutes[duration.slice(-1)] ?? Number.NaN);
}

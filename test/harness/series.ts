import { eventually } from "@leat/testing";
import type { OwnHarness } from "./own-harness.ts";
import { patienceOf, type Scenario } from "./scenario.ts";

/** One series at one time. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** What Prometheus has after it has scraped the programs as the chart's PodMonitor says; of one that does not run, nothing. */
async function scrape(harness: OwnHarness): Promise<Sample[]> {
  const scraped = Object.entries(harness.endpoints).map(async ([program, { metrics }]) => {
    if (harness.pidOf(program) === undefined) return [];
    const answer = await fetch(`${metrics}/metrics`, { signal: AbortSignal.timeout(10_000) });
    return samplesIn(await answer.text()).map((sample) => ofTarget(sample, targetOf(program)));
  });
  return (await Promise.all(scraped)).flat();
}

/** The first scrape that holds what is wanted. */
export async function scrapeUntil(
  harness: OwnHarness,
  what: string,
  holds: (samples: readonly Sample[]) => boolean,
): Promise<Sample[]> {
  const wanted = async () => {
    const samples = await scrape(harness);
    return holds(samples) ? samples : undefined;
  };
  return eventually(wanted, { what, timeoutMs: patienceOf(harness) });
}

/** The first scrape that holds what is wanted while all programs act. */
export function scrapeActing(
  harness: OwnHarness,
  what = "all programs to act",
  holds: (samples: readonly Sample[]) => boolean = () => true,
): Promise<Sample[]> {
  const programs = Object.keys(harness.endpoints);
  const acts = (samples: readonly Sample[], program: string) =>
    samples.some((one) => isSeries(one, "leat_program_ready", { program }) && one.value === 1);
  return scrapeUntil(harness, what, (samples) => programs.every((program) => acts(samples, program)) && holds(samples));
}

/** The first scrape in which an object, `Kind/name`, is in a state; without what is about objects of other tests. */
export async function scrapeState(
  { harness, namespace }: Scenario<OwnHarness>,
  subject: string,
  state: Record<string, string>,
): Promise<Sample[]> {
  const isOwn = ({ labels: { exported_namespace: own = namespace } }: Sample) => own === namespace;
  const [customresource_kind = "", name = ""] = subject.split("/");
  const isIt = (one: Sample) => isSeries(one, "gotk_resource_info", { customresource_kind, name, ...state });
  // Its source is reported by another program, perhaps later.
  const isPending = (one: Sample) =>
    isSeries(one, "gotk_resource_info", { customresource_kind: "GitRepository", ready: "Unknown" }) && !isIt(one);
  const words = `metrics that say of ${subject} ${JSON.stringify(state)}`;
  const isThere = (all: readonly Sample[]) => all.some(isIt) && !all.some(isPending);
  const samples = await scrapeUntil(harness, words, (all) => isThere(all.filter(isOwn)));
  return samples.filter(isOwn);
}

/** Whether a sample has this name and these labels, among others. */
export function isSeries(sample: Sample, name: string, labels: Record<string, string>): boolean {
  return sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
}

/** Reads the Prometheus text format. */
function samplesIn(text: string): Sample[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, name = "", labels = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === "") throw new Error(`no sample: ${line}`);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const read = pairs.map(([, key = "", quoted = ""]) => [key, JSON.parse(`"${quoted}"`) as string]);
    return { name, labels: Object.fromEntries(read), value: Number(value.replace("Inf", "Infinity")) };
  });
}

/** The labels that Prometheus gives to what a program serves. */
export function targetOf(program: string): Record<string, string> {
  const pod = `leat-${program}-6f7d9c5b8-x2x7k`;
  return { job: "flux-system/leat", namespace: "flux-system", pod, container: "manager", instance: `${program}:8080` };
}

/** Labels of the target win; what the program says under such a name is kept as `exported_…`. */
function ofTarget({ name, labels, value }: Sample, target: Record<string, string>): Sample {
  const own = Object.entries(labels).map(([key, text]) => [key in target ? `exported_${key}` : key, text]);
  return { name, labels: { ...Object.fromEntries(own), ...target }, value };
}

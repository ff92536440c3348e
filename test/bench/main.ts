/**
 * `npm run bench [-- [--stack leat,FILE…] [--rounds N] [--kustomizations N] [--json FILE] [scenario…]]`: what a change costs
 * until it is in the cluster, on this machine. `--kustomizations` is how many `scale` and `storm` have (1000 without it) and
 * `fleet-rich` (100). Each scenario runs on each stack in turn, on a control plane of its own; a stack is `leat` or the path of a
 * description (`StackDescription`). Prints a Markdown table and writes the figures to the file of `--json`.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type OwnHarness, startHarness } from "../harness/own-harness.ts";
import { describedStack, type StackDescription } from "../harness/stack.ts";
import { chain } from "./chain.ts";
import { drift } from "./drift.ts";
import { fleet } from "./fleet.ts";
import { fleetRich } from "./fleet-rich.ts";
import { latency } from "./latency.ts";
import { limit } from "./limit.ts";
import { machineOf, versionOf } from "./machine.ts";
import type { Measured } from "./measured.ts";
import { mono } from "./mono.ts";
import { scale } from "./scale.ts";
import { scale10k } from "./scale-10k.ts";
import { untilProbed } from "./probe.ts";
import { optionsForStart, start } from "./start.ts";
import { steady } from "./steady.ts";
import { storm } from "./storm.ts";
import { cellsOf, type Result, tableOf } from "./table.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    stack: { type: "string", default: process.env["LEAT_STACK"] ?? "leat" },
    rounds: { type: "string", default: "20" },
    kustomizations: { type: "string" },
    json: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const scenarios: Record<string, (harness: OwnHarness) => Promise<Measured>> = {
  start: (harness) => start(harness, rounds),
  latency: (harness) => latency(harness, rounds),
  drift: (harness) => drift(harness, rounds),
  chain: (harness) => chain(harness, rounds),
  fleet,
  "fleet-rich": (harness) => fleetRich(harness, Number(values.kustomizations ?? 100)),
  steady,
  mono,
  scale: (harness) => scale(harness, Number(values.kustomizations ?? 1000)),
  "scale-10k": scale10k,
  storm: (harness) => storm(harness, Number(values.kustomizations ?? 1000)),
};
const bareClient = "bare client";
// In MiB; by default a new file is begun after a hundred.
const auditLogNeverRotates = "--audit-log-maxsize=100000";
const known = [...Object.keys(scenarios), "limit"];
const wanted = positionals.length > 0 ? positionals : known;
const unknown = wanted.find((name) => !known.includes(name));
if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}: choose of ${known.join(", ")}`);

const stacks = await Promise.all(values.stack.split(",").map((which) => describedStack(which)));
const machine = await machineOf();
const versions = Object.fromEntries(
  await Promise.all(stacks.map(async (stack) => [stack.name, await versionOf(stack)] as const)),
);
const results: Result[] = [];
for (const name of wanted) {
  if (name === "limit") note({ stack: bareClient, ...(await measureLimit()) });
  else for (const stack of stacks) note({ stack: stack.name, ...(await measure(stack, name)) });
}
for (const columns of [stacks.map(({ name }) => name), [bareClient]]) {
  const shown = results.filter(({ stack }) => columns.includes(stack));
  if (shown.length > 0) console.log(`\n${tableOf(columns, shown)}\n`);
}
console.log(JSON.stringify({ machine, versions }));
if (values.json !== undefined) {
  await writeFile(values.json, JSON.stringify({ date: new Date(), machine, versions, results }, undefined, 2));
}

async function measure(stack: StackDescription, name: string): Promise<Measured> {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`there is no scenario ${name}`);
  const controlPlane = { auditLog: true, apiServerFlags: [auditLogNeverRotates] };
  const options = name === "start" ? optionsForStart(stack) : { start: true };
  // Of an administrator no rights are looked up, and no requests held back: all stacks are alike in that.
  await using harness = await startHarness({ stack, controlPlane, endpoints: true, allRights: true, ...options });
  // What a start costs is the figure of `start` alone.
  if (options.start) await Promise.all(stack.processes.map((program) => untilProbed(harness, program.name)));
  return await scenario(harness);
}

async function measureLimit(): Promise<Measured> {
  await using harness = await startHarness({ start: false, allRights: true });
  return await limit(harness);
}

function note(result: Result): void {
  results.push(result);
  for (const [label, text] of cellsOf(result)) console.log(`${result.stack.padEnd(12)} ${label.padEnd(28)} ${text}`);
}

/**
 * `npm run bench [-- [--rounds N] [scenario…]]`: how long a change takes until it is in the cluster, on this machine, for
 * the stack that `LEAT_STACK` describes or for Leat. Prints a table and, with `--json`, the figures.
 */
import { parseArgs } from "node:util";
import { startHarness } from "../harness/harness.ts";
import { chain } from "./chain.ts";
import { drift } from "./drift.ts";
import { fleet } from "./fleet.ts";
import { latency } from "./latency.ts";
import { type Measured, summaryOf } from "./measured.ts";

const scenarios = { latency, drift, chain, fleet };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "20" }, json: { type: "boolean", default: false } },
});
const wanted = positionals.length > 0 ? positionals : Object.keys(scenarios);
const unknown = wanted.find((name) => !Object.hasOwn(scenarios, name));
if (unknown !== undefined)
  throw new Error(`there is no scenario ${unknown}: choose of ${Object.keys(scenarios).join(", ")}`);

await using harness = await startHarness({ controlPlane: { auditLog: true } });
const results: Measured[] = [];
for (const name of wanted) {
  const measured = await scenarios[name as keyof typeof scenarios](harness, Number(values.rounds));
  results.push(measured);
  if (!values.json) console.log(summaryOf(measured));
}
if (values.json) console.log(JSON.stringify({ stack: harness.stack.name, results }, undefined, 2));

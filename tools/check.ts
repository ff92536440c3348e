/**
 * `npm run check`: everything that must hold before a push and does not need a cluster. Names of steps as arguments run only those
 * (`npm run check -- lint typecheck`). The steps are targets of nx in package.json: one whose inputs are unchanged is not repeated.
 * Exit code 1 if a step fails.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runNx } from "./nx/run-nx.ts";

const steps = ["lint", "typecheck", "unused", "architecture", "docs", "generated", "format"];

const names = process.argv.slice(2);
const unknown = names.find((name) => !steps.includes(name));
if (unknown === undefined) process.exitCode = await check(names.length > 0 ? names : steps);
else {
  console.error(`There is no step "${unknown}". The steps are: ${steps.join(", ")}.`);
  process.exitCode = 2;
}

async function check(targets: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());
  const parallel = Math.min(availableParallelism(), 4);
  const args = ["run-many", "--projects=leat", `--targets=${targets.join(",")}`, `--parallel=${parallel}`];
  const options = { root: join(import.meta.dirname, ".."), env: process.env, output: process.stdout };
  return (await runNx(args, { ...options, signal: interrupted.signal })) ? 0 : 1;
}

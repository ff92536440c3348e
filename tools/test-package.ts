/**
 * The target `test` of nx for the package in the given folder: its tests that need no control plane. Exit code 1 if one fails. The total
 * is written to a file too, for `npm test`.
 */
import { join, relative, resolve } from "node:path";
import { writeReport } from "./test/package-report.ts";
import { runFiles } from "./test/run-files.ts";
import { selectFiles } from "./test/select-files.ts";
import { unitTests } from "./test/unit-tests.ts";

// nx demands colours, which programs under test would then print.
delete process.env["FORCE_COLOR"];
const root = join(import.meta.dirname, "..");
const folder = relative(root, resolve(root, process.argv[2] ?? "."));
const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());

const candidates = await selectFiles(root, folder === "" ? [] : [folder]);
const files = (await unitTests(root, candidates)).get(folder) ?? [];
const total = await runFiles(files, {
  root,
  env: process.env,
  signal: interrupted.signal,
  output: process.stdout,
});
for (const file of total.empty) console.log(`No test ran in ${file}`);
await writeReport(root, folder, total);
process.exitCode = total.failed === 0 ? 0 : 1;

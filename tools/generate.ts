/**
 * Writes what follows from libs/api, controllers and apps/cli: CRDs, roles and other files of the chart, and the reference.
 * With --check, writes nothing and ends with 1 where a file is stale, naming each.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generatedFiles } from "./generate/files.ts";
import { refresh, staleBelow } from "./generate/stale.ts";

const root = join(import.meta.dirname, "..");
const { check } = parseArgs({ options: { check: { type: "boolean", default: false } } }).values;

const files = generatedFiles(root);
const stale = await staleBelow(root, files);
if (check) {
  for (const path of stale) console.error(`${path} is stale: run npm run generate`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  await refresh(root, stale, files);
  for (const path of stale) console.log(files.has(path) ? `wrote ${path}` : `removed ${path}`);
}

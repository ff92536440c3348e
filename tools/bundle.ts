/**
 * The target `bundle` of nx (`npm run bundle`): makes one file of each program in dist/, for the images and the published command.
 * `programs.json` beside them has the arguments of each, and `third-party-licences.txt` has to go with every copy.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { bundleProgram } from "./bundle/bundle-program.ts";
import { noticesOf } from "./bundle/notices.ts";
import { programs } from "./bundle/programs.ts";
import { writeWhole } from "./bundle/write-whole.ts";

const root = join(import.meta.dirname, "..");
const directory = join(root, "dist");
const shownPackages = 10;

await mkdir(directory, { recursive: true });
const bundles = await Promise.all(programs.map((program) => bundleProgram(root, program, directory)));
for (const { file, bytes, contents } of bundles) {
  const largest = contents.slice(0, shownPackages).map(([name, size]) => `${name} ${kilobytes(size)}`);
  console.log(`${file} ${kilobytes(bytes)}: ${largest.join(", ")}`);
}
const starts = programs.map(({ name, nodeFlags, environment }) => ({
  name,
  file: `${name}.mjs`,
  nodeFlags,
  environment,
}));
await writeWhole(join(directory, "programs.json"), `${JSON.stringify(starts, undefined, 2)}\n`);
const notices = await noticesOf(bundles.flatMap(({ installed }) => installed));
await writeWhole(join(directory, "third-party-licences.txt"), notices);

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

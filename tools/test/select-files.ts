import { glob, readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";

/**
 * Patterns in the order in which they run: what is quick to fail goes first, then what takes longest, so that no processor is idle while
 * the last file runs.
 */
const phases = [
  "{libs,controllers,apps,tools}/**/*.test.ts",
  "test/{*,bench/*}.test.ts",
  "test/chaos/**/*.test.ts",
  "test/chart/**/*.test.ts",
  "test/behaviour/**/*.test.ts",
];

/**
 * The test files below the given paths (files or folders, relative to `root`), or all of them where none is given.
 *
 * @throws Error that names a path with no tests in it
 */
export async function selectFiles(root: string, paths: readonly string[]): Promise<string[]> {
  const all = await allFiles(root);
  if (paths.length === 0) return all;

  const wanted = paths.map((path) => relative(root, resolve(root, path)));
  const without = wanted.find((path) => !all.some((file) => isBelow(file, path)));
  if (without !== undefined) throw new Error(`There are no tests in ${without || "the repository"}.`);
  return all.filter((file) => wanted.some((path) => isBelow(file, path)));
}

/** What must be there before test files run. */
export interface Needs {
  /** Programs of the toolchain, which take long to build: longer than a test may. */
  binaries: boolean;
  controlPlane: boolean;
  /** Controllers, on a control plane of their own. */
  stack: boolean;
}

export async function needsOf(root: string, files: readonly string[]): Promise<Needs> {
  const textOf = (file: string) => readFile(join(root, file), "utf8");
  const [spanning, others] = [files.filter(spansPackages), files.filter((file) => !spansPackages(file))];
  // Tests that span packages have the stack, or a control plane of their own.
  const controlPlane = (await Promise.all(others.map(textOf))).some((text) => text.includes('"@leat/testing"'));
  const stack = (await Promise.all(spanning.map(textOf))).some((text) => text.includes("sharedHarness("));
  return { binaries: controlPlane || spanning.length > 0, controlPlane, stack };
}

/** Whether a file tests programs of several packages together. */
export function spansPackages(file: string): boolean {
  return file.startsWith(`test${sep}`) && file.split(sep).length > 2;
}

async function allFiles(root: string): Promise<string[]> {
  const exclude = (name: string) => name.split(sep).some((part) => part === "node_modules" || part === "fixtures");
  const found = await Promise.all(phases.map((pattern) => Array.fromAsync(glob(pattern, { cwd: root, exclude }))));
  return found.flatMap((files) => files.toSorted());
}

function isBelow(file: string, path: string): boolean {
  return path === "" || file === path || file.startsWith(`${path}${sep}`);
}

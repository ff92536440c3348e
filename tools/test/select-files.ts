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
  const read = files.map(async (file) => ({ file, text: await readFile(join(root, file), "utf8") }));
  const sources = await Promise.all(read);
  return {
    binaries: sources.some((source) => spansPackages(source) || usesTesting(source)),
    // Tests that span packages have the stack, or a control plane of their own.
    controlPlane: sources.some((source) => usesTesting(source) && !spansPackages(source)),
    stack: sources.some(({ text }) => text.includes("sharedHarness(")),
  };
}

interface Source {
  file: string;
  text: string;
}

function spansPackages({ file }: Source): boolean {
  return file.startsWith(`test${sep}`) && file.split(sep).length > 2;
}

function usesTesting({ text }: Source): boolean {
  return text.includes('"@leat/testing"');
}

async function allFiles(root: string): Promise<string[]> {
  const exclude = (name: string) => name.split(sep).some((part) => part === "node_modules" || part === "fixtures");
  const found = await Promise.all(phases.map((pattern) => Array.fromAsync(glob(pattern, { cwd: root, exclude }))));
  return found.flatMap((files) => files.toSorted());
}

function isBelow(file: string, path: string): boolean {
  return path === "" || file === path || file.startsWith(`${path}${sep}`);
}

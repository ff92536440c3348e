import { glob, readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";

/** Patterns in the order in which they run: what is quick to fail goes first. */
const phases = [
  "{libs,controllers,apps,tools}/**/*.test.ts",
  "test/{*,bench/*}.test.ts",
  "test/{behaviour,chart}/**/*.test.ts",
  "test/chaos/**/*.test.ts",
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

/** Whether one of the files speaks to a cluster, which is what `@leat/testing` is for. */
export async function needCluster(root: string, files: readonly string[]): Promise<boolean> {
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  return (
    texts.some((text) => text.includes('"@leat/testing"')) ||
    files.some((file) => file.startsWith(`test${sep}`) && file.split(sep).length > 2)
  );
}

async function allFiles(root: string): Promise<string[]> {
  const exclude = (name: string) => name.split(sep).some((part) => part === "node_modules" || part === "fixtures");
  const found = await Promise.all(phases.map((pattern) => Array.fromAsync(glob(pattern, { cwd: root, exclude }))));
  return found.flatMap((files) => files.toSorted());
}

function isBelow(file: string, path: string): boolean {
  return path === "" || file === path || file.startsWith(`${path}${sep}`);
}

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Total } from "./run-files.ts";

/** What the unit tests of a package came to. nx keeps it in its cache, and puts it back if it does not run them. */
export interface PackageReport extends Total {
  /** Milliseconds since 1970. */
  finishedAt: number;
}

const directory = ".nx/tests";

/** Ignored by git, and the output of the target `test` in nx.json. */
function pathOf(root: string, folder: string): string {
  return join(root, directory, folder, "report.json");
}

export async function writeReport(root: string, folder: string, total: Total): Promise<void> {
  const path = pathOf(root, folder);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify({ ...total, finishedAt: Date.now() } satisfies PackageReport));
}

/** `undefined` if the tests of the package did not come to their end. */
export async function readReport(root: string, folder: string): Promise<PackageReport | undefined> {
  try {
    return JSON.parse(await readFile(pathOf(root, folder), "utf8")) as PackageReport;
  } catch {
    return undefined;
  }
}

export async function removeReports(root: string): Promise<void> {
  await rm(join(root, directory), { recursive: true, force: true });
}

import { runNx, type RunNxOptions } from "../nx/run-nx.ts";
import { type PackageReport, readReport, removeReports } from "./package-report.ts";
import { sumOf, type Total } from "./run-files.ts";

export interface PackagesTotal extends Total {
  /** Packages whose tests were not run again, since nothing has changed that they depend on. */
  unchanged: number;
  /** Tests of theirs, which are among those that passed. */
  passedBefore: number;
}

/** Runs the unit tests of packages, given by their folders, through nx: the target `test` of each. */
export async function runPackages(folders: readonly string[], options: RunNxOptions): Promise<PackagesTotal> {
  if (folders.length === 0) return { ...sumOf([]), unchanged: 0, passedBefore: 0 };
  await removeReports(options.root);
  const startedAt = Date.now();
  // Two at a time: while the last file of a package runs, the next package begins.
  const succeeded = await runNx(["run-many", "--targets=test", "--parallel=2"], options);
  return totalOf(options.root, folders, { startedAt, succeeded });
}

async function totalOf(
  root: string,
  folders: readonly string[],
  { startedAt, succeeded }: { startedAt: number; succeeded: boolean },
): Promise<PackagesTotal> {
  const found = await Promise.all(folders.map((folder) => readReport(root, folder)));
  const reports = found.filter((report) => report !== undefined);
  const isUnchanged = ({ finishedAt }: PackageReport) => finishedAt < startedAt;
  const total = sumOf(reports.map((report) => (isUnchanged(report) ? { ...report, durations: [] } : report)));
  const missing = folders.filter((_, index) => found[index] === undefined);
  const failed = total.failed + missing.length;
  return {
    ...total,
    empty: [...total.empty, ...missing],
    // nx itself may fail, too.
    failed: failed === 0 && !succeeded ? 1 : failed,
    unchanged: reports.filter(isUnchanged).length,
    passedBefore: sumOf(reports.filter(isUnchanged)).passed,
  };
}

/** One line about what was not run again. */
export function cacheText({ unchanged, passedBefore }: PackagesTotal, packages: number): string {
  const repeated = `unit tests of ${packages - unchanged} packages were run`;
  return `${repeated}, of ${unchanged} unchanged packages taken from the cache (${passedBefore} passed before)`;
}

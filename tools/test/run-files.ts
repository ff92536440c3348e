import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

export interface RunFilesOptions {
  root: string;
  env: NodeJS.ProcessEnv;
  /** Only tests with a name that matches. */
  namePattern?: string | undefined;
  signal: AbortSignal;
  output: NodeJS.WritableStream;
}

export interface Total {
  passed: number;
  failed: number;
  skipped: number;
  /** Files in which no test ran, or packages whose tests did not end; each counts as failed. */
  empty: readonly string[];
  /** How long each file took. */
  durations: readonly FileDuration[];
}

export interface FileDuration {
  file: string;
  ms: number;
}

export function sumOf(totals: readonly Total[]): Total {
  const sum = (count: (total: Total) => number) => totals.reduce((all, each) => all + count(each), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    empty: totals.flatMap(({ empty }) => empty),
    durations: totals.flatMap(({ durations }) => durations),
  };
}

/** Limit of one test. */
const testTimeoutMs = 5 * 60_000;
/** A file that reports nothing for so long hangs: something it opened keeps its process alive. */
const idleTimeoutMs = 10 * 60_000;
/** Files at a time: they wait for one another's processes more often than they compute. */
const concurrency = 2 * availableParallelism();

/** Runs test files, each in a process of its own, and reports them as they end. */
export async function runFiles(files: readonly string[], options: RunFilesOptions): Promise<Total> {
  if (files.length === 0) return sumOf([]);
  const { root, env, namePattern, output } = options;
  const idle = idleAbort(idleTimeoutMs);
  const paths = files.map((file) => join(root, file));
  const total = { passed: 0, failed: 0, skipped: 0, empty: new Array<string>(), durations: new Array<FileDuration>() };
  const stream = run({
    files: paths,
    cwd: root,
    env,
    concurrency,
    timeout: testTimeoutMs,
    signal: AbortSignal.any([options.signal, idle.signal]),
    ...(namePattern === undefined ? {} : { testNamePatterns: new RegExp(namePattern) }),
  });
  const isWholeFile = (name: string) => paths.includes(name);
  stream.on("test:pass", ({ name, skip, todo, details }) => {
    if (details.type === "suite") return;
    if (skip !== undefined || todo !== undefined) total.skipped += 1;
    else if (!isWholeFile(name)) total.passed += 1;
    // A process that ends well without one test is reported under its own name.
    else if (namePattern === undefined) total.empty.push(name.slice(root.length + 1));
  });
  stream.on("test:fail", ({ todo, details }) => {
    if (details.type !== "suite" && todo === undefined) total.failed += 1;
  });
  stream.on("test:summary", ({ file, duration_ms: ms }) => {
    if (file !== undefined) total.durations.push({ file: relative(root, file), ms });
  });
  for await (const text of stream.compose(spec)) {
    idle.postpone();
    output.write(text);
  }
  idle.stop();
  return { ...total, failed: total.failed + total.empty.length };
}

/** Aborts unless it is postponed in time. */
function idleAbort(timeoutMs: number) {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error(`no test ended for ${timeoutMs / 60_000} minutes`));
  const timer = setTimeout(abort, timeoutMs);
  return { signal: controller.signal, postpone: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}

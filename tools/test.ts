/**
 * `npm test`: every test, or those in the files and folders given (`npm test -- libs/kube test/behaviour`). One control
 * plane serves the whole run, unless `LEAT_TEST_KUBECONFIG` names one that is up already (`npm run cluster`), and one stack
 * of controllers, which `LEAT_STACK` may describe, serves the behaviour tests.
 * Unit tests run through nx, which does not repeat those of packages that nothing has changed for; with paths or a name every test
 * runs. The last line is the total. Exit code 1 where a test fails or none ran.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startSharedStack } from "@leat/test";
import { startControlPlane } from "@leat/testing";
import { binaries, reportProgress } from "@leat/toolchain";
import { runFiles, sumOf, type Total } from "./test/run-files.ts";
import { cacheText, runPackages } from "./test/run-packages.ts";
import { type Needs, needsOf, selectFiles, spansPackages } from "./test/select-files.ts";
import { unitTests } from "./test/unit-tests.ts";

const root = join(import.meta.dirname, "..");
/** Each test file is a process of its own: what they all import is compiled once. */
const compileCache = join(root, "node_modules/.cache/node-compile");
const kubeconfigVariable = "LEAT_TEST_KUBECONFIG";
const sharedBinaries = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kubectl",
  "kustomize",
  "kustomize-renderer",
  "helm",
  "promtool",
] as const;
/** The slowest files of a run. */
const shownDurations = 10;
const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());
const options = {
  root,
  env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  signal: interrupted.signal,
  output: process.stdout,
};

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: "string", short: "n" } },
  });
  const startedAt = performance.now();
  const files = await selectFiles(root, positionals);
  if ((await needsOf(root, files)).binaries) await makeBinaries();
  // A narrowed run is made to see the tests run: nothing of it comes from the cache.
  const isComplete = positionals.length === 0 && values.name === undefined;
  const packages = isComplete ? await unitTests(root, files) : new Map<string, string[]>();
  const unit = new Set([...packages.values()].flat());
  const others = files.filter((file) => !unit.has(file));
  const unitTotal = await runPackages([...packages.keys()], options);
  const packagesTotal = await runShared(
    others.filter((file) => !spansPackages(file)),
    values.name,
  );
  const total = sumOf([unitTotal, packagesTotal, await runShared(others.filter(spansPackages), values.name)]);

  for (const file of total.empty) console.log(`No test ran in ${file}`);
  if (total.skipped > 0) console.log(`${total.skipped} skipped`);
  const slowest = total.durations.toSorted((a, b) => b.ms - a.ms).slice(0, shownDurations);
  if (files.length > 1) for (const { file, ms } of slowest) console.log(`${seconds(ms).padStart(7)} ${file}`);
  console.log(`${files.length} files in ${seconds(performance.now() - startedAt)}`);
  console.log(cacheText(unitTotal, packages.size));
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** Opens what the files share, and ends it after them: a control plane takes much of the machine also when nothing asks it. */
async function runShared(files: readonly string[], namePattern: string | undefined): Promise<Total> {
  await using shared = await openShared(await needsOf(root, files));
  return await runFiles(files, { ...options, env: { ...options.env, ...shared.env }, namePattern });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** What test files share while they run. */
interface Shared extends AsyncDisposable {
  /** Says to their processes where it is. */
  env: Record<string, string>;
}

async function openShared(needs: Needs): Promise<Shared> {
  await using opening = new AsyncDisposableStack();
  const env: Record<string, string> = {};
  const open = async (what: string, start: () => Promise<Shared>) => {
    const startedAt = performance.now();
    Object.assign(env, opening.use(await start()).env);
    console.log(`${what} ready in ${seconds(performance.now() - startedAt)}`);
  };
  const { signal } = interrupted;
  const starts = await Promise.allSettled([
    needs.controlPlane && !process.env[kubeconfigVariable] && open("Control plane", startSharedControlPlane),
    needs.stack && open("Controllers", () => startSharedStack(signal)),
  ]);
  for (const start of starts) if (start.status === "rejected") throw start.reason;
  const opened = opening.move();
  return { env, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function makeBinaries(): Promise<void> {
  const onProgress = reportProgress((line) => console.log(line));
  await binaries(sharedBinaries, { onProgress, signal: interrupted.signal });
}

async function startSharedControlPlane(): Promise<Shared> {
  const controlPlane = await startControlPlane({ kwokNodes: 2, signal: interrupted.signal });
  return {
    env: { [kubeconfigVariable]: controlPlane.kubeconfig },
    [Symbol.asyncDispose]: () => controlPlane[Symbol.asyncDispose](),
  };
}

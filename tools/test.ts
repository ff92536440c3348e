/**
 * `npm test`: every test, or those in the files and folders given (`npm test -- libs/kube test/behaviour`). One control
 * plane serves the whole run, unless `LEAT_TEST_KUBECONFIG` names one that is up already (`npm run cluster`).
 * The last line is the total. Exit code 1 where a test fails or none ran.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startControlPlane } from "@leat/testing";
import { binaries, reportProgress } from "@leat/toolchain";
import { runFiles } from "./test/run-files.ts";
import { needCluster, selectFiles } from "./test/select-files.ts";

const root = join(import.meta.dirname, "..");
const kubeconfigVariable = "LEAT_TEST_KUBECONFIG";
const controlPlaneBinaries = [
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
const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupted.abort());

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: "string", short: "n" } },
  });
  const files = await selectFiles(root, positionals);
  await using cluster = await openCluster(await needCluster(root, files));
  const startedAt = performance.now();
  const total = await runFiles(files, {
    root,
    env: { ...process.env, ...cluster.env },
    namePattern: values.name,
    signal: interrupted.signal,
    output: process.stdout,
  });

  for (const file of total.empty) console.log(`No test ran in ${file}`);
  if (total.skipped > 0) console.log(`${total.skipped} skipped`);
  console.log(`${files.length} files in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

interface Cluster extends AsyncDisposable {
  env: Record<string, string>;
}

async function openCluster(needed: boolean): Promise<Cluster> {
  if (!needed || process.env[kubeconfigVariable]) return { env: {}, [Symbol.asyncDispose]: async () => {} };
  const startedAt = performance.now();
  const onProgress = reportProgress((line) => console.log(line));
  await binaries(controlPlaneBinaries, { onProgress, signal: interrupted.signal });
  const controlPlane = await startControlPlane({ kwokNodes: 2, signal: interrupted.signal });
  console.log(`Control plane ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return {
    env: { [kubeconfigVariable]: controlPlane.kubeconfig },
    [Symbol.asyncDispose]: () => controlPlane[Symbol.asyncDispose](),
  };
}

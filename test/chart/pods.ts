import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { KubeObject } from "@leat/api";
import type { Service } from "@leat/process";
import { eventually } from "@leat/testing";
import { binary } from "@leat/toolchain";
import type { Harness } from "../harness/harness.ts";
import { release } from "../harness/helm.ts";
import { componentLabel } from "../harness/rights.ts";
import { type Places, startProcess } from "../harness/stack.ts";

interface Deployment extends KubeObject {
  spec: { template: { spec: { serviceAccountName: string; containers: [{ args: string[] }] } } };
}

const sources: Record<string, string> = {
  "source-controller": "controllers/source/src/main.ts",
  "kustomize-controller": "controllers/kustomize/src/main.ts",
};

/** What the pods of a release would run. */
export interface Pods extends AsyncDisposable {
  /** The flags that each Deployment gives, by its name. */
  flags: Readonly<Record<string, readonly string[]>>;
}

/**
 * Nothing runs in the pods of a test cluster: this starts what the Deployments of the release say, with their flags and as
 * their ServiceAccounts. Only addresses and places of files are this machine's. Resolves when the probes have answered.
 */
export async function startPods(harness: Harness): Promise<Pods> {
  await using stack = new AsyncDisposableStack();
  const deployments = await deploymentsOf(harness);
  await Promise.all(deployments.map(async (deployment) => stack.use(await startPod(harness, deployment))));
  const running = stack.move();
  return {
    flags: Object.fromEntries(deployments.map((deployment) => [deployment.metadata.name, flagsOf(deployment)])),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function deploymentsOf({ kube }: Harness): Promise<Deployment[]> {
  const resource = await kube.resourceOf("apps/v1", "Deployment");
  if (resource === undefined) throw new Error("the cluster serves no Deployments");
  const labelSelector = `app.kubernetes.io/instance=${release.name}`;
  const { objects } = await kube.list({ resource, namespace: release.namespace, labelSelector });
  return objects as Deployment[];
}

function flagsOf({ spec }: Deployment): string[] {
  return spec.template.spec.containers[0].args;
}

async function startPod(harness: Harness, deployment: Deployment): Promise<AsyncDisposable> {
  const { name, labels } = deployment.metadata;
  const program = sources[labels?.[componentLabel] ?? ""];
  if (program === undefined) throw new Error(`what ${name} runs is not known`);
  const [storage, health] = [await freePort(), await freePort()];
  const directory = join(harness.directory, name);
  await mkdir(directory, { recursive: true });
  const account = deployment.spec.template.spec.serviceAccountName;
  const places: Places = {
    kubeconfig: await harness.controlPlane.kubeconfigFor({ namespace: release.namespace, name: account }),
    events: harness.events.url,
    directory,
    port: String(storage),
    kustomize: await binary("kustomize"),
    renderer: await binary("kustomize-renderer"),
  };
  // Of a flag that is given twice the last counts.
  const args = [program, ...flagsOf(deployment), ...common, `--health-addr=127.0.0.1:${health}`, ...local(program)];
  const described = { name, program: process.execPath, args, env: { RUNTIME_NAMESPACE: release.namespace } };
  const service = await startProcess(described, places);
  await untilProbed(service, `http://127.0.0.1:${health}`, name);
  return service;
}

const common = ["--kubeconfig={{kubeconfig}}", "--metrics-addr=0"];

function local(program: string): string[] {
  return program === sources["source-controller"]
    ? [
        "--storage-path={{directory}}/storage",
        "--storage-addr=127.0.0.1:{{port}}",
        "--storage-adv-addr=127.0.0.1:{{port}}",
      ]
    : ["--work-directory={{directory}}/work", "--kustomize-binary={{kustomize}}", "--kustomize-renderer={{renderer}}"];
}

async function untilProbed({ ended }: Service, url: string, name: string): Promise<void> {
  let exitCode: number | undefined;
  void ended.then((code) => (exitCode = code));
  const isReady = async () => {
    if (exitCode !== undefined) throw new Error(`${name} ended with exit code ${exitCode}`);
    const answers = await Promise.all(["/healthz", "/readyz"].map((path) => fetch(url + path).catch(() => undefined)));
    return answers.every((answer) => answer?.status === 200);
  };
  await eventually(isReady, { what: `${name} to be ready` });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

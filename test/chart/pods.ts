import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { KubeObject } from "@leat/api";
import { controllers, flagsHere } from "@leat/controllers";
import type { Service } from "@leat/process";
import { eventually, freePort } from "@leat/testing";
import type { OwnHarness } from "../harness/own-harness.ts";
import { release } from "../harness/helm.ts";
import { componentLabel } from "../harness/rights.ts";
import { binariesOfControllers, type Places, startProcess } from "../harness/programs.ts";

interface Deployment extends KubeObject {
  spec: { template: { spec: { serviceAccountName: string; containers: [{ args: string[] }] } } };
}

/** What the pods of a release would run. */
export interface Pods extends AsyncDisposable {
  /** The flags that each Deployment gives, by its name. */
  flags: Readonly<Record<string, readonly string[]>>;
}

/**
 * Nothing runs in the pods of a test cluster: this starts what the Deployments of the release say, with their flags and as
 * their ServiceAccounts. Only addresses and places of files are this machine's. Resolves when the probes have answered.
 */
export async function startPods(harness: OwnHarness): Promise<Pods> {
  await using stack = new AsyncDisposableStack();
  const deployments = await deploymentsOf(harness);
  await Promise.all(deployments.map(async (deployment) => stack.use(await startPod(harness, deployment))));
  const running = stack.move();
  return {
    flags: Object.fromEntries(deployments.map((deployment) => [deployment.metadata.name, flagsOf(deployment)])),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function deploymentsOf({ kube }: OwnHarness): Promise<Deployment[]> {
  const resource = await kube.resourceOf("apps/v1", "Deployment");
  if (resource === undefined) throw new Error("the cluster serves no Deployments");
  const labelSelector = `app.kubernetes.io/instance=${release.name}`;
  const { objects } = await kube.list({ resource, namespace: release.namespace, labelSelector });
  return objects as Deployment[];
}

function flagsOf({ spec }: Deployment): string[] {
  return spec.template.spec.containers[0].args;
}

async function startPod(harness: OwnHarness, deployment: Deployment): Promise<AsyncDisposable> {
  const { name, labels } = deployment.metadata;
  const controller = controllers.find((one) => one.name === labels?.[componentLabel]);
  if (controller === undefined) throw new Error(`what ${name} runs is not known`);
  const health = await freePort();
  const directory = join(harness.directory, name);
  await mkdir(directory, { recursive: true });
  const account = deployment.spec.template.spec.serviceAccountName;
  const places: Places = {
    kubeconfig: await harness.controlPlane.kubeconfigFor({ namespace: release.namespace, name: account }),
    events: harness.events.url,
    directory,
    port: "0",
    binaries: await binariesOfControllers(),
  };
  const addresses = ["--kubeconfig={{kubeconfig}}", "--metrics-addr=0", `--health-addr=127.0.0.1:${health}`];
  const local = flagsHere(controller, places, (binary) => places.binaries[binary]);
  // Of a flag that is given twice the last counts.
  const args = [controller.entry, ...flagsOf(deployment), ...addresses, ...local];
  const described = { name, program: process.execPath, args, env: { RUNTIME_NAMESPACE: release.namespace } };
  const service = await startProcess(described, places);
  await untilProbed(service, `http://127.0.0.1:${health}`, name);
  return service;
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

import type { KubeObject } from "@leat/api";
import { type ControlPlane, createTestNamespace, sharedControlPlane } from "@leat/testing";
import { connect, type ConnectOptions } from "../src/connect.ts";
import type { Kube } from "../src/kube.ts";

export const fieldManager = "kube-test";
/** Short, so that the tests see what else takes minutes. */
export const quickTiming = { sessionMs: 60_000, stallMs: 1_000 };

/** A client of the shared control plane and a namespace of the test's own. */
export interface Setting extends AsyncDisposable {
  controlPlane: ControlPlane;
  kube: Kube;
  namespace: string;
}

export async function openSetting(options: ConnectOptions = {}): Promise<Setting> {
  await using stack = new AsyncDisposableStack();
  const controlPlane = await sharedControlPlane();
  const kube = stack.use(await connect({ kubeconfig: controlPlane.kubeconfig, ...options }));
  const namespace = stack.use(await createTestNamespace(controlPlane, "kube")).name;
  const owned = stack.move();
  return { controlPlane, kube, namespace, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A client by another way to the same server, such as a relay. */
export function connectVia(url: string, { token, caFile }: ControlPlane, options: ConnectOptions = {}): Promise<Kube> {
  return connect({ server: url, token, caFile, ...options });
}

export function configMap(
  namespace: string,
  name: string,
  data: Record<string, string> = { key: "value" },
): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data };
}

export function deployment(namespace: string, name: string): KubeObject {
  const container = { name: "app", image: "app:1" };
  const template = { metadata: { labels: { app: name } }, spec: { containers: [container] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace, name },
    spec: { replicas: 0, selector: { matchLabels: { app: name } }, template },
  };
}

/** A Job that never starts. */
export function job(namespace: string, name: string): KubeObject {
  const spec = { restartPolicy: "Never", containers: [{ name: "app", image: "app:1" }] };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { namespace, name },
    spec: { suspend: true, template: { spec } },
  };
}

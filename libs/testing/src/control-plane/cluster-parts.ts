import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { binary } from "@leat/toolchain";
import { type ApiConnection, createObject, requestApi } from "./api-request.ts";
import type { ControlPlaneOptions } from "./control-plane.ts";
import { kwokConfig } from "./kwok-config.ts";
import { type Part, type Parts, untilReady } from "../server/parts.ts";

export interface ClusterPartsSetting {
  parts: Parts;
  directory: string;
  kubeconfig: string;
  connection: ApiConnection;
  options: ControlPlaneOptions;
}

const startLimitMs = 60_000;

/** A test must not wait for a client-side limit; the server's own protection is enough. */
const unthrottled = ["--kube-api-qps=500", "--kube-api-burst=1000"];

/** Starts what makes a cluster of an API server, side by side, and waits until each has shown that it works. */
export async function startClusterParts(setting: ClusterPartsSetting): Promise<void> {
  const { controllerManager = false, scheduler = false, kwokNodes = 0 } = setting.options;
  const hasNodes = kwokNodes > 0;
  await Promise.all([
    controllerManager || hasNodes ? startControllerManager(setting) : undefined,
    scheduler || hasNodes ? startScheduler(setting) : undefined,
    hasNodes ? startNodes(setting, kwokNodes) : undefined,
  ]);
}

async function startControllerManager(setting: ClusterPartsSetting): Promise<void> {
  const file = (name: string) => join(setting.directory, "credentials", name);
  const part = await start(setting, "kube-controller-manager", [
    `--kubeconfig=${setting.kubeconfig}`,
    // Serves nothing, so it needs no port.
    "--secure-port=0",
    "--leader-elect=false",
    `--service-account-private-key-file=${file("service-accounts.key")}`,
    `--root-ca-file=${file("ca.crt")}`,
    `--cluster-signing-cert-file=${file("ca.crt")}`,
    `--cluster-signing-key-file=${file("ca.key")}`,
    ...unthrottled,
  ]);
  // The last thing a namespace gets from it, and what a pod cannot do without.
  const isReady = () => isThere(setting.connection, "/api/v1/namespaces/default/serviceaccounts/default");
  await untilReady(part, { isReady, timeoutMs: startLimitMs, signal: setting.options.signal });
}

async function startScheduler(setting: ClusterPartsSetting): Promise<void> {
  await start(setting, "kube-scheduler", [
    `--kubeconfig=${setting.kubeconfig}`,
    "--secure-port=0",
    "--leader-elect=false",
    ...unthrottled,
  ]);
}

async function startNodes(setting: ClusterPartsSetting, count: number): Promise<void> {
  const { directory, connection, kubeconfig } = setting;
  const config = join(directory, "kwok.json");
  await writeFile(config, kwokConfig());
  const flags = [
    `--kubeconfig=${kubeconfig}`,
    `--config=${config}`,
    "--manage-all-nodes=true",
    "--node-lease-duration-seconds=40",
    "--node-ip=127.0.0.1",
  ];
  const part = await start(setting, "kwok", flags);
  const names = Array.from({ length: count }, (_, index) => `node-${index + 1}`);
  await Promise.all(
    names.map((name) => createObject(connection, "/api/v1/nodes", nodeNamed(name), setting.options.signal)),
  );
  const isReady = async () => (await Promise.all(names.map((name) => isNodeReady(connection, name)))).every(Boolean);
  await untilReady(part, { isReady, timeoutMs: startLimitMs, signal: setting.options.signal });
}

async function start(
  setting: ClusterPartsSetting,
  name: "kube-controller-manager" | "kube-scheduler" | "kwok",
  args: string[],
): Promise<Part> {
  const { signal } = setting.options;
  return setting.parts.start(name, await binary(name, signal ? { signal } : {}), args);
}

function nodeNamed(name: string): object {
  const labels = { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels } };
}

async function isThere(connection: ApiConnection, path: string): Promise<boolean> {
  return (await requestApi(connection, { path })).status === 200;
}

async function isNodeReady(connection: ApiConnection, name: string): Promise<boolean> {
  const { body } = await requestApi(connection, { path: `/api/v1/nodes/${name}` });
  const node = body as { spec?: { taints?: unknown[] }; status?: { conditions?: { type: string; status: string }[] } };
  const isReady = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  // The controller manager takes the taint "not-ready" off.
  return isReady && node.spec?.taints === undefined;
}

import { setTimeout as delay } from "node:timers/promises";
import { core, type KubeObject } from "@leat/api";
import { nameOf, subjectOf } from "@leat/apply";
import type { Cluster } from "../cluster/with-cluster.ts";

/** Controllers of these names reconcile what leads to applied objects. */
const leaseName = /^(source|kustomize|helm)-controller.*-leader-election/;

/** Where controllers are that are going to be stopped. */
export interface Release {
  release: string;
  namespace: string;
}

/** Controllers, ours or Flux's, that run in the cluster or against it; those of the release do not count. */
export async function otherControllers(cluster: Cluster, except: Release): Promise<string[]> {
  const deployed = await deployedControllers(cluster);
  // Their Leases tell of those that run elsewhere.
  const held = await heldLeases(cluster);
  const others = [
    ...deployed.filter((object) => !isOf(except, object)),
    ...held.filter(({ metadata }) => metadata.namespace !== except.namespace).filter((lease) => isCurrent(lease)),
  ];
  return others.map(described);
}

/** Controllers that run although the release is gone: who was killed may look like one until its Lease is over. */
export async function remainingControllers(cluster: Cluster): Promise<string[]> {
  const { signal, waitFor } = cluster;
  const deployed = await deployedControllers(cluster);
  const before = (await heldLeases(cluster)).filter((lease) => isCurrent(lease));
  if (deployed.length > 0 || before.length === 0) return deployed.map(described);
  waitFor(`${before.map(described).join(", ")} to end`);
  await delay(Math.max(...before.map(durationMs)), undefined, { signal });
  const renewed = (await heldLeases(cluster)).filter(
    (lease) =>
      !before.some((earlier) => specOf(earlier).renewTime === specOf(lease).renewTime && isSame(earlier, lease)),
  );
  return renewed.filter((lease) => isCurrent(lease)).map(described);
}

/** Waits until nothing of a release runs: helm may be done while a Deployment still waits for its pods to end. */
export async function stopped({ kube, signal, waitFor }: Cluster, { release, namespace }: Release): Promise<void> {
  waitFor(`the controllers of ${release} to end`);
  const labelSelector = `app.kubernetes.io/instance=${release},app.kubernetes.io/part-of=flux`;
  const left = new Set<string>();
  const selection = { resource: core.Deployment, namespace, labelSelector, metadataOnly: true };
  for await (const event of kube.watch(selection, signal)) {
    if (event.type === "listed") {
      left.clear();
      for (const { metadata } of event.objects) left.add(metadata.name);
    } else if (event.type === "deleted") left.delete(event.object.metadata.name);
    if (left.size === 0) return;
  }
  signal.throwIfAborted();
}

async function deployedControllers({ kube, signal, waitFor }: Cluster): Promise<KubeObject[]> {
  waitFor("the list of controllers");
  const labelSelector = "app.kubernetes.io/part-of=flux";
  const { objects } = await kube.list({ resource: core.Deployment, labelSelector }, { signal });
  return objects.filter(({ spec }) => (spec as { replicas?: number }).replicas !== 0);
}

async function heldLeases({ kube, signal }: Cluster): Promise<KubeObject[]> {
  const { objects } = await kube.list({ resource: core.Lease }, { signal });
  return objects.filter((lease) => leaseName.test(lease.metadata.name) && specOf(lease).holderIdentity);
}

function isOf({ release, namespace }: Release, { metadata }: KubeObject): boolean {
  return metadata.namespace === namespace && metadata.labels?.["app.kubernetes.io/instance"] === release;
}

function isCurrent(lease: KubeObject): boolean {
  const { renewTime } = specOf(lease);
  return renewTime !== undefined && Date.parse(renewTime) + durationMs(lease) > Date.now();
}

function isSame(one: KubeObject, other: KubeObject): boolean {
  return one.metadata.uid === other.metadata.uid;
}

function durationMs(lease: KubeObject): number {
  return (specOf(lease).leaseDurationSeconds ?? 0) * 1000;
}

function specOf({ spec }: KubeObject): { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number } {
  return spec ?? {};
}

function described(object: KubeObject): string {
  return subjectOf(nameOf(object));
}

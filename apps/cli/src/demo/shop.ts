import { type KubeObject, type Resource, GitRepository, Kustomization, requestedAtAnnotation } from "@leat/api";
import type { Kube } from "@leat/kube";
import { conditionOf } from "../condition-of.ts";
import { repositoryName, steeringNamespace } from "./declarations.ts";
import { observe } from "./observe.ts";
import { type EnvironmentName, namespaceOf } from "./sample-repository.ts";

/** The sample application as it is in the cluster: what the story changes in it and what it waits to see. */
export interface Shop {
  /** Milliseconds since the epoch at which an environment says that it is ready at a commit. */
  readyAt: (environment: EnvironmentName, commit: string) => Promise<number>;
  /** The message of an environment that refuses a commit. */
  refusal: (environment: EnvironmentName, commit: string) => Promise<string>;
  /** Waits until the Deployment of an environment runs a version of the image. */
  versionSeen: (environment: EnvironmentName, version: string) => Promise<void>;
  /** Waits until the Deployment of an environment asks for so many replicas. */
  replicasSeen: (environment: EnvironmentName, replicas: number) => Promise<void>;
  /** Changes the Deployment of an environment by hand, past Git. */
  scaleByHand: (environment: EnvironmentName, replicas: number) => Promise<void>;
  version: (environment: EnvironmentName) => Promise<string | undefined>;
  /** Asks for a look at the repository now, as a webhook does. */
  requestReconciliation: () => Promise<void>;
}

const deployments: Resource = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  namespaced: true,
};
const timeoutMs = 60_000;
/** As an editor of `kubectl` calls itself. */
const handManager = "kubectl-edit";

export function openShop(kube: Kube, signal: AbortSignal): Shop {
  const deployment = (name: EnvironmentName) => ({ resource: deployments, namespace: namespaceOf(name), name: "shop" });
  const kustomization = (name: EnvironmentName) => ({ resource: Kustomization, namespace: steeringNamespace, name });
  const shop: Shop = {
    readyAt: (name, commit) => {
      const read = (object: KubeObject | undefined) => (isReadyAt(object, commit) ? Date.now() : undefined);
      return observe(kube, { ref: kustomization(name), what: `${name} at ${short(commit)}`, timeoutMs, read }, signal);
    },
    refusal: (name, commit) => {
      const read = (object: KubeObject | undefined) => refusalOf(object, commit);
      return observe(
        kube,
        { ref: kustomization(name), what: `${name} to refuse ${short(commit)}`, timeoutMs, read },
        signal,
      );
    },
    versionSeen: async (name, version) => {
      const read = (object: KubeObject | undefined) => versionOf(object) === version || undefined;
      await observe(kube, { ref: deployment(name), what: `version ${version} in ${name}`, timeoutMs, read }, signal);
    },
    replicasSeen: async (name, replicas) => {
      const read = (object: KubeObject | undefined) => replicasOf(object) === replicas || undefined;
      await observe(kube, { ref: deployment(name), what: `${replicas} replicas in ${name}`, timeoutMs, read }, signal);
    },
    scaleByHand: async (name, replicas) => {
      const body = { spec: { replicas } };
      await kube.patch(deployment(name), { type: "merge", body }, { fieldManager: handManager, signal });
    },
    version: async (name) => versionOf(await kube.get(deployment(name), { signal })),
    requestReconciliation: async () => {
      const body = { metadata: { annotations: { [requestedAtAnnotation]: new Date().toISOString() } } };
      const ref = { resource: GitRepository, namespace: steeringNamespace, name: repositoryName };
      await kube.patch(ref, { type: "merge", body }, { fieldManager: "leat-demo", signal });
    },
  };
  return shop;
}

/** The first letters of a commit's id, enough to recognise it. */
export function short(commit: string): string {
  return commit.slice(0, 8);
}

function isReadyAt(object: KubeObject | undefined, commit: string): boolean {
  const { lastAppliedRevision = "" } = (object?.["status"] ?? {}) as { lastAppliedRevision?: string };
  return lastAppliedRevision.endsWith(commit) && conditionOf(object, "Ready")?.status === "True";
}

function refusalOf(object: KubeObject | undefined, commit: string): string | undefined {
  const { lastAttemptedRevision = "" } = (object?.["status"] ?? {}) as { lastAttemptedRevision?: string };
  const ready = conditionOf(object, "Ready");
  return lastAttemptedRevision.endsWith(commit) && ready?.status === "False" ? ready.message : undefined;
}

interface DeploymentSpec {
  replicas?: number;
  template?: { spec?: { containers?: Array<{ image?: string }> } };
}

function versionOf(object: KubeObject | undefined): string | undefined {
  const { template } = (object?.["spec"] ?? {}) as DeploymentSpec;
  return template?.spec?.containers?.[0]?.image?.split(":")[1];
}

function replicasOf(object: KubeObject | undefined): number | undefined {
  return ((object?.["spec"] ?? {}) as DeploymentSpec).replicas;
}

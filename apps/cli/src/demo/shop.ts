import { isDeepStrictEqual } from "node:util";
import { core, type KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import { credentialsName } from "./credentials.ts";
import { observe } from "./observe.ts";
import { type EnvironmentName, namespaceOf } from "./sample-repository.ts";
import { openSteering, type Steering } from "./steering.ts";

/** The sample application as it is in the cluster: what the story changes in it and what it waits to see. */
export interface Shop extends Steering {
  /** Waits until the Deployment of an environment runs a version of the image. */
  versionSeen: (environment: EnvironmentName, version: string) => Promise<void>;
  /** Waits until the Deployment of an environment asks for so many replicas. */
  replicasSeen: (environment: EnvironmentName, replicas: number) => Promise<void>;
  /** Changes the Deployment of an environment by hand, past Git. */
  scaleByHand: (environment: EnvironmentName, replicas: number) => Promise<void>;
  version: (environment: EnvironmentName) => Promise<string | undefined>;
  replicas: (environment: EnvironmentName) => Promise<number | undefined>;
  /** Waits until an environment has these credentials in the open. */
  credentialsSeen: (environment: EnvironmentName, values: Record<string, string>) => Promise<void>;
}

const timeoutMs = 60_000;
/** As an editor of `kubectl` calls itself. */
const handManager = "kubectl-edit";

export function openShop(kube: Kube, signal: AbortSignal): Shop {
  const deployment = (name: EnvironmentName) => ({
    resource: core.Deployment,
    namespace: namespaceOf(name),
    name: "shop",
  });
  return {
    ...openSteering(kube, signal),
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
    replicas: async (name) => replicasOf(await kube.get(deployment(name), { signal })),
    credentialsSeen: async (name, values) => {
      const ref = { resource: core.Secret, namespace: namespaceOf(name), name: credentialsName };
      const read = (object: KubeObject | undefined) => holds(object, values) || undefined;
      await observe(kube, { ref, what: `decrypted credentials in ${name}`, timeoutMs, read }, signal);
    },
  };
}

/** A Secret with these values and no others. */
function holds(object: KubeObject | undefined, values: Record<string, string>): boolean {
  const entries = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  return isDeepStrictEqual(object?.["data"], Object.fromEntries(entries));
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

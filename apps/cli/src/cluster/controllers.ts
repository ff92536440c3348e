import { core, type KubeObject } from "@leat/api";
import { ApiError } from "@leat/kube";
import type { Cluster } from "./with-cluster.ts";

/** A controller of Flux's API as it is installed in a cluster, ours or Flux's. */
export interface Controller {
  /** `kustomize-controller`, whatever the Deployment is called. */
  name: string;
  isOurs: boolean;
  version: string;
  namespace: string;
  deployment: KubeObject;
  /** Arguments of its container. */
  args: readonly string[];
}

/** Name of the container in every controller's pods. */
export const container = "manager";

const labelSelector = "app.kubernetes.io/part-of=flux";

/**
 * The controllers in one namespace, or in all where none is named; where the rights do not reach that far, in the one of
 * the command.
 */
export async function installedControllers(cluster: Cluster, namespace?: string): Promise<Controller[]> {
  const { kube, signal, waitFor } = cluster;
  waitFor("the list of controllers");
  const listIn = async (scope: string | undefined) => {
    const { objects } = await kube.list({ resource: core.Deployment, namespace: scope, labelSelector }, { signal });
    return objects.filter(isController).map(controllerOf);
  };
  try {
    return await listIn(namespace);
  } catch (error) {
    if (namespace === undefined && error instanceof ApiError && error.code === 403) return listIn(cluster.namespace);
    throw error;
  }
}

interface Container {
  name: string;
  image?: string;
  args?: string[];
}

interface DeploymentSpec {
  template: { spec: { containers: Container[] } };
}

function managerOf({ spec }: KubeObject): Container | undefined {
  const { template } = spec as DeploymentSpec;
  return template.spec.containers.find(({ name }) => name === container);
}

function isController(deployment: KubeObject): boolean {
  return managerOf(deployment) !== undefined;
}

function controllerOf(deployment: KubeObject): Controller {
  const { labels = {}, name, namespace = "" } = deployment.metadata;
  const { image = "", args = [] } = managerOf(deployment) ?? {};
  return {
    name: labels["app.kubernetes.io/component"] ?? name,
    isOurs: labels["app.kubernetes.io/name"] === "leat",
    version: labels["app.kubernetes.io/version"] ?? image.replace(/^.*:/, ""),
    namespace,
    deployment,
    args,
  };
}

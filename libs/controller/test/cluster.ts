import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GitRepository, type KubeObject } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { eventually, sharedControlPlane } from "@leat/testing";
import { parseYaml } from "@leat/yaml";

const crdFile = "../../../charts/leat/files/crds/source.toolkit.fluxcd.io_gitrepositories.yaml";

/** The shared control plane, which serves GitRepositories. */
export async function connectToCluster(): Promise<{ kube: Kube; kubeconfig: string }> {
  const { kubeconfig } = await sharedControlPlane();
  const kube = await connect({ kubeconfig, userAgent: "test" });
  const file = join(import.meta.dirname, crdFile);
  const crd = parseYaml(await readFile(file, "utf8"), file) as KubeObject;
  const resource = await kube.resourceOf("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  assert.ok(resource);
  await kube.apply(resource, crd, { fieldManager: "test", force: true });
  await eventually(() => kube.resourceOf(GitRepository.apiVersion, GitRepository.kind), {
    what: "the CRD to be served",
  });
  return { kube, kubeconfig };
}

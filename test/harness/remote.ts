import { readFile } from "node:fs/promises";
import { core, type KubeObject } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { type ControlPlane, type ControlPlaneOptions, eventually, startControlPlane } from "@leat/testing";
import { parseYamlDocuments } from "@leat/yaml";
import { patienceOf, type Scenario } from "./scenario.ts";

/** Another cluster than the one that the stack runs on. */
export interface Remote extends AsyncDisposable {
  controlPlane: ControlPlane;
  /** Text of an administrator's kubeconfig, with everything inline. */
  kubeconfig: string;
  kube: Kube;
  /** Makes the namespace of a scenario there too, and looks into it. */
  enter: (scenario: Scenario) => Promise<RemoteNamespace>;
}

export interface RemoteNamespace {
  /** A ConfigMap there; `undefined` where it does not exist. */
  configMap: (name: string) => Promise<KubeObject | undefined>;
  until: (name: string, what: string, holds: (object: KubeObject | undefined) => boolean) => Promise<void>;
  /** Applies manifests there as a user; `{{ns}}` is filled in. */
  apply: (manifests: string) => Promise<void>;
  /** Writes a status, as a controller there would. */
  editStatus: (apiVersion: string, kind: string, name: string, status: object) => Promise<void>;
  /** Changes a ConfigMap as a user would. */
  edit: (name: string, patch: object) => Promise<void>;
}

export async function startRemote(options: ControlPlaneOptions = {}): Promise<Remote> {
  await using stack = new AsyncDisposableStack();
  const controlPlane = stack.use(await startControlPlane(options));
  const kube = stack.use(await connect({ kubeconfig: controlPlane.kubeconfig, userAgent: "behaviour-test" }));
  const kubeconfig = await readFile(controlPlane.kubeconfig, "utf8");
  const all = stack.move();
  return {
    controlPlane,
    kubeconfig,
    kube,
    enter: (scenario) => enter(kube, scenario),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function enter(kube: Kube, { namespace, harness }: Scenario): Promise<RemoteNamespace> {
  const place = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await kube.apply(core.Namespace, place, { fieldManager: "user" });
  const refOf = (name: string) => ({ resource: core.ConfigMap, namespace, name });
  const configMap = async (name: string) => kube.get(refOf(name));
  return {
    configMap,
    until: async (name, what, holds) => {
      await eventually(async () => holds(await configMap(name)), {
        what: `the remote ConfigMap ${name} ${what}`,
        timeoutMs: patienceOf(harness),
      });
    },
    apply: async (manifests) => {
      for (const document of parseYamlDocuments(
        manifests.replaceAll("{{ns}}", namespace),
        "manifest",
      ) as KubeObject[]) {
        const resource = await kube.resourceOf(document.apiVersion, document.kind);
        if (!resource) throw new Error(`no resource for ${document.apiVersion} ${document.kind}`);
        const object = { ...document, metadata: { namespace, ...document.metadata } };
        await kube.apply(resource, object, { fieldManager: "user" });
      }
    },
    editStatus: async (apiVersion, kind, name, status) => {
      const resource = await kube.resourceOf(apiVersion, kind);
      if (!resource) throw new Error(`no resource for ${apiVersion} ${kind}`);
      const options = { fieldManager: "user", subresource: "status" } as const;
      await kube.patch({ resource, namespace, name }, { type: "merge", body: { status } }, options);
    },
    edit: async (name, body) => {
      await kube.patch(refOf(name), { type: "merge", body }, { fieldManager: "kubectl-edit" });
    },
  };
}

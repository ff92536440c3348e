import type { KubeObject, Resource } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { type ControlPlane, createTestNamespace, sharedControlPlane } from "@leat/testing";
import { installDefinitions } from "../src/cluster/install-definitions.ts";
import { type Ended, leat, type LeatOptions } from "./leat.ts";

/** A cluster that knows Leat's kinds, in which no controller runs, and a namespace of the test's own. */
export interface Setting extends AsyncDisposable {
  controlPlane: ControlPlane;
  kube: Kube;
  namespace: string;
  /** Runs a command line against the cluster; without `-n`, in the test's namespace. */
  leat: (args: readonly string[], options?: LeatOptions) => Promise<Ended>;
  /** Creates an object, with its status where it has one. */
  create: (object: KubeObject) => Promise<KubeObject>;
  /** Merges into the status of an object. */
  setStatus: (object: KubeObject, status: object) => Promise<KubeObject>;
}

const fieldManager = "cli-test";

export async function openSetting(): Promise<Setting> {
  await using stack = new AsyncDisposableStack();
  const controlPlane = await sharedControlPlane();
  const kube = stack.use(await connect({ kubeconfig: controlPlane.kubeconfig }));
  await installDefinitions(kube, AbortSignal.timeout(60_000));
  const namespace = stack.use(await createTestNamespace(controlPlane, "cli")).name;
  const owned = stack.move();
  const environmentOf = (environment: NodeJS.ProcessEnv = {}) => ({
    KUBECONFIG: controlPlane.kubeconfig,
    LEAT_NAMESPACE: namespace,
    ...environment,
  });
  const setStatus = async (object: KubeObject, status: object) => {
    const ref = {
      resource: await resourceOf(kube, object),
      namespace: object.metadata.namespace,
      name: object.metadata.name,
    };
    return kube.patch(ref, { type: "merge", body: { status } }, { fieldManager, subresource: "status" });
  };
  return {
    controlPlane,
    kube,
    namespace,
    leat: (args, options = {}) => leat(args, { ...options, environment: environmentOf(options.environment) }),
    setStatus,
    create: async ({ status, ...object }) => {
      const whole = { ...object, metadata: { namespace, ...object.metadata } } as KubeObject;
      const created = await kube.create(await resourceOf(kube, whole), whole, { fieldManager });
      return status === undefined ? created : setStatus(created, status as object);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function resourceOf(kube: Kube, { apiVersion, kind }: KubeObject): Promise<Resource> {
  const resource = await kube.resourceOf(apiVersion, kind);
  if (resource === undefined) throw new Error(`the cluster does not know ${kind} of ${apiVersion}`);
  return resource;
}

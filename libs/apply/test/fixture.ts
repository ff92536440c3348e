import type { KubeObject } from "@leat/api";
import { connect, type ConnectOptions, type Kube } from "@leat/kube";
import { createLogger } from "@leat/log";
import { createTestNamespace, eventually, type FlakyNetwork, sharedControlPlane } from "@leat/testing";
import { type Applier, type ApplyOutcome, type ApplyRequest, createApplier, type Owner } from "../src/index.ts";

export const group = "kustomize.toolkit.fluxcd.io";
export const fieldManager = "kustomize-controller";

/** One applier on the control plane of the test run, with a namespace of its own, and what it has said. */
export interface Setting extends AsyncDisposable {
  kube: Kube;
  namespace: string;
  owner: Owner;
  applier: Applier;
  drifts: string[];
  /** How often `onHealth` was called. */
  health: { count: number };
  /** Requests to the API server that are no watch and no discovery: `verb resource`. */
  requests: string[];
  apply: (objects: readonly KubeObject[], request?: Partial<ApplyRequest>) => Promise<ApplyOutcome>;
  /** As `apply`, and returns when the watch has seen what it wrote. */
  settle: (objects: readonly KubeObject[]) => Promise<ApplyOutcome>;
  read: (kind: string, name: string, apiVersion?: string) => Promise<KubeObject | undefined>;
  /** Changes an object as another field manager. */
  edit: (object: KubeObject, change: object, manager?: string) => Promise<KubeObject>;
  delete: (object: KubeObject) => Promise<void>;
}

export interface SettingOptions {
  /** Path of another control plane's kubeconfig. */
  kubeconfig?: string;
  /** Where the applier's watches go through, and nothing else. */
  network?: FlakyNetwork;
  watchTiming?: ConnectOptions["watchTiming"];
  overrideManagers?: readonly string[];
}

export async function openSetting({
  kubeconfig,
  network,
  watchTiming,
  overrideManagers,
}: SettingOptions = {}): Promise<Setting> {
  await using stack = new AsyncDisposableStack();
  const requests: string[] = [];
  const controlPlane = await sharedControlPlane();
  const namespace = stack.use(await createTestNamespace(controlPlane, "apply")).name;
  const kube = stack.use(
    await connect({
      kubeconfig: kubeconfig ?? controlPlane.kubeconfig,
      onRequest: ({ verb, resource }) => {
        if (verb !== "watch" && resource !== "") requests.push(`${verb} ${resource}`);
      },
    }),
  );
  const owner = { name: "app", namespace };
  const said = { drifts: [] as string[], health: { count: 0 } };
  const { token, caFile } = controlPlane;
  const watching = network && stack.use(await connect({ server: network.url, token, caFile, watchTiming }));
  const applier = stack.use(
    createTestApplier({ ...kube, ...(watching && { watch: watching.watch }) }, said, overrideManagers),
  );
  const signal = new AbortController().signal;
  const apply: Setting["apply"] = async (objects, request = {}) =>
    applier.apply(
      { owner, objects: objects.map((object) => ({ object })), force: false, timeoutMs: 20_000, ...request },
      signal,
    );
  const refOf = async ({ apiVersion, kind, metadata }: KubeObject) => {
    const resource = await kube.resourceOf(apiVersion, kind);
    if (resource === undefined) throw new Error(`no kind ${kind} of ${apiVersion}`);
    return { resource, namespace: metadata.namespace, name: metadata.name };
  };
  const opened = stack.move();
  return {
    kube,
    namespace,
    owner,
    applier,
    ...said,
    requests,
    apply,
    settle: async (objects) => {
      const outcome = await apply(objects);
      await eventually(
        async () => {
          requests.length = 0;
          await apply(objects);
          return requests.length === 0;
        },
        { what: "an apply that has nothing to ask the server" },
      );
      return outcome;
    },
    read: async (kind, name, apiVersion = "v1") =>
      kube.get(await refOf({ apiVersion, kind, metadata: { name, namespace } })),
    edit: async (object, body, manager = "somebody") =>
      kube.patch(await refOf(object), { type: "merge", body }, { fieldManager: manager }),
    delete: async (object) => {
      await kube.delete(await refOf(object));
    },
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  };
}

export function createTestApplier(
  kube: Kube,
  said: Pick<Setting, "drifts" | "health">,
  overrideManagers: readonly string[] = [],
): Applier {
  return createApplier({
    kube,
    overrideManagers,
    fieldManager,
    ownerGroup: group,
    log: createLogger("error", (line) => process.stderr.write(line)),
    signal: new AbortController().signal,
    onDrift: (_owner, subject) => said.drifts.push(subject),
    onHealth: () => {
      said.health.count += 1;
    },
  });
}

export function configMap(namespace: string, name: string, data: object, metadata: object = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, ...metadata }, data };
}

export function actions(outcome: ApplyOutcome): string[] {
  return outcome.changes.map(({ subject, action }) => `${subject.replace(/\/.*\//, "/")} ${action}`);
}

export function messageOf(outcome: ApplyOutcome): string {
  return outcome.kind === "rejected" ? outcome.message : "";
}

import { readFile } from "node:fs/promises";
import { core } from "@leat/api";
import { createHttp, type Environment, proxiesOf } from "@leat/http";
import { connect, type Kube } from "@leat/kube";
import {
  type Clouds,
  type ControlPlane,
  createTestNamespace,
  issuerKeysOf,
  sharedControlPlane,
  startClouds,
} from "@leat/testing";
import { createIdentities, type Identities } from "../src/index.ts";

/** A namespace of a cluster whose tokens the clouds know. */
export interface Setting extends AsyncDisposable {
  namespace: string;
  kube: Kube;
  controlPlane: ControlPlane;
  clouds: Clouds;
  /** PEM of the cluster's own authority. */
  clusterCa: string;
  createAccount: (name: string, annotations?: Record<string, string>) => Promise<{ namespace: string; name: string }>;
  identities: (env?: Environment, options?: { permitAccounts?: boolean }) => Identities;
}

export async function openSetting(): Promise<Setting> {
  await using stack = new AsyncDisposableStack();
  const controlPlane = await sharedControlPlane();
  const { name: namespace } = stack.use(await createTestNamespace(controlPlane, "identity"));
  const kube = stack.use(await connect({ kubeconfig: controlPlane.kubeconfig }));
  const clouds = stack.use(await startClouds());
  clouds.world.issuers.push(...(await issuerKeysOf(controlPlane)));
  const http = stack.use(createHttp({ ca: clouds.ca, proxies: proxiesOf({ HTTPS_PROXY: clouds.proxy }) }));
  const local = stack.use(createHttp());
  const clusterCa = await readFile(controlPlane.caFile, "utf8");
  const opened = stack.move();
  return {
    namespace,
    kube,
    controlPlane,
    clouds,
    clusterCa,
    createAccount: async (name, annotations = {}) => {
      const object = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name, annotations } };
      await kube.create(core.ServiceAccount, object, { fieldManager: "test" });
      return { namespace, name };
    },
    identities: (env = {}, { permitAccounts = true } = {}) => {
      const cache = { maxSize: 100, maxDurationMs: 3_600_000 };
      return createIdentities({ kube, http, local, env, cache, permitAccounts });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export function signal(): AbortSignal {
  return AbortSignal.timeout(60_000);
}

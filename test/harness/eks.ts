import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { core } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { type Clouds, type ControlPlane, eksCaller, openPrivateDirectory, startControlPlane } from "@leat/testing";

/** A control plane that takes the tokens of EKS for this cluster, and lets one role of AWS do everything. */
export async function startEksCluster(
  world: Clouds["world"],
  { name, role }: { name: string; role: string },
): Promise<ControlPlane> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await openPrivateDirectory());
  const server = stack.use(await startAuthenticator((token) => eksCaller(token, name, world)));
  const webhook = join(path, "authenticator.json");
  await writeFile(webhook, JSON.stringify(kubeconfigOf(server.url)));
  const flag = `--authentication-token-webhook-config-file=${webhook}`;
  const cluster = stack.use(await startControlPlane({ apiServerFlags: [flag] }));
  await using kube = await connect({ kubeconfig: cluster.kubeconfig });
  await permitEverything(kube, role);
  const opened = stack.move();
  return { ...cluster, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Answers TokenReviews, as the authenticator of EKS does. */
async function startAuthenticator(
  callerOf: (token: string) => string | undefined,
): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    void json(request).then((review) => {
      const { apiVersion, spec } = review as { apiVersion: string; spec: { token: string } };
      const username = callerOf(spec.token);
      const status = username === undefined ? { authenticated: false } : { authenticated: true, user: { username } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion, kind: "TokenReview", status }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function kubeconfigOf(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "authenticator", cluster: { server } }],
    contexts: [{ name: "authenticator", context: { cluster: "authenticator" } }],
    "current-context": "authenticator",
  };
}

async function permitEverything(kube: Kube, user: string): Promise<void> {
  const group = "rbac.authorization.k8s.io";
  const binding = {
    apiVersion: `${group}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "role" },
    roleRef: { apiGroup: group, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: group, kind: "User", name: user }],
  };
  await kube.create(core.ClusterRoleBinding, binding, { fieldManager: "test" });
}

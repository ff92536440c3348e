/** What is told of a cluster of its own, from nothing to an installation. Each test goes on where the one before it ended. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { type ControlPlane, startControlPlane } from "@leat/testing";
import { type Ended, leat as runLeat } from "../../test/leat.ts";
import { kustomization } from "../../test/objects.ts";
import { installDefinitions } from "../cluster/install-definitions.ts";
import { versionText } from "../program/version-text.ts";

const fieldManager = "cli-test";

let stack: AsyncDisposableStack;
let controlPlane: ControlPlane;
let kube: Kube;
before(async () => {
  await using opening = new AsyncDisposableStack();
  controlPlane = opening.use(await startControlPlane());
  kube = opening.use(await connect({ kubeconfig: controlPlane.kubeconfig }));
  await create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "flux-system" } });
  stack = opening.move();
});
after(() => stack.disposeAsync());

suite("leat check", () => {
  test("before anything is installed, tells what is missing", async () => {
    const { code, stdout } = await leat(["check"]);
    assert.equal(code, 1);
    assert.match(stdout, /^ {2}✓ Kubernetes v1\.\d+\./m);
    assert.match(stdout, /^ {2}✗ Kustomization of kustomize\.toolkit\.fluxcd\.io\/v1 is missing; `leat install`/m);
    assert.match(stdout, /^ {2}✗ no controllers in the cluster/m);
  });

  test("says with --pre that it can be installed", async () => {
    const { code, stdout } = await leat(["check", "--pre"]);
    assert.equal(code, 0);
    assert.match(stdout, /^cluster\n {2}✓ Kubernetes v1\.\S+\npermissions\n {2}✓ you may install\n$/);
  });

  test("tells of an installation that works", async () => {
    await installDefinitions(kube, AbortSignal.timeout(60_000));
    for (const name of ["source-controller", "kustomize-controller"]) await create(controller(name));
    await create(lease("source-controller", "leat-source-controller-5d9c_1f"));
    const { code, stdout } = await leat(["check"]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /✓ Kustomization of kustomize\.toolkit\.fluxcd\.io\/v1$/m);
    const source = `Leat's source-controller v${versionText} in flux-system: 1 of 1 replicas ready`;
    assert.ok(stdout.includes(`✓ ${source}, leader leat-source-controller-5d9c`), stdout);
    assert.match(stdout, /✓ you may see, reconcile and suspend in flux-system/);
    assert.match(stdout, /✓ 0 kustomizations$/m);
  });

  test("warns of objects that fail, and counts those that do not", async () => {
    const condition = { type: "Ready", reason: "r", message: "m", lastTransitionTime: new Date().toISOString() };
    for (const [name, status] of Object.entries({ good: "True", bad: "False" }))
      await create(named(name, {}, { conditions: [{ ...condition, status }] }));
    await create(named("idle", { suspend: true }));
    const { code, stdout } = await leat(["check"]);
    assert.equal(code, 0);
    assert.match(stdout, /! 3 kustomizations: 1 ready, 1 failing, 1 suspended; `leat get kustomizations -A/);
  });

  test("fails where a controller has no pod that is ready", async () => {
    await setReady("kustomize-controller", 0);
    const { code, stdout } = await leat(["check"]);
    assert.equal(code, 1);
    assert.match(stdout, /✗ Leat's kustomize-controller .*: 0 of 1 replicas ready; `kubectl -n flux-system describe/);
    await setReady("kustomize-controller", 1);
  });

  test("fails where one of Flux's runs for the same objects, unless it is scaled to nothing", async () => {
    await create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "flux" } });
    const rival = controller("kustomize-controller");
    const labels = {
      ...rival.metadata.labels,
      "app.kubernetes.io/name": "flux",
      "app.kubernetes.io/version": "v2.9.0",
    };
    await create({ ...rival, metadata: { ...rival.metadata, namespace: "flux", labels } });
    const both = await leat(["check"]);
    assert.equal(both.code, 1);
    assert.match(both.stdout, /✓ Flux's kustomize-controller v2\.9\.0 in flux: 1 of 1 replicas ready/);
    assert.match(
      both.stdout,
      /✗ kustomize-controller runs more than once .*: flux-system\/leat-kustomize-controller, flux\/leat-/,
    );

    const body = { spec: { replicas: 0 } };
    const ref = { resource: await resourceOf(rival), namespace: "flux", name: rival.metadata.name };
    await kube.patch(ref, { type: "merge", body }, { fieldManager });
    const one = await leat(["check"]);
    assert.equal(one.code, 0, one.stdout);
    assert.match(one.stdout, /! Flux's kustomize-controller v2\.9\.0 in flux has 0 replicas/);
  });

  test("is data for other programs", async () => {
    const { code, stdout } = await leat(["check", "--pre", "-o", "json"]);
    assert.equal(code, 0);
    const { findings } = JSON.parse(stdout) as { findings: object[] };
    assert.deepEqual(findings.at(-1), { about: "permissions", result: "ok", message: "you may install" });
  });

  test("tells somebody without permissions what they may not", async () => {
    await create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "guest", namespace: "flux-system" } });
    const kubeconfig = await controlPlane.kubeconfigFor({ namespace: "flux-system", name: "guest" });
    const pre = await leat(["check", "--pre"], kubeconfig);
    assert.equal(pre.code, 1);
    assert.match(
      pre.stdout,
      /✗ you may not create customresourcedefinitions, create clusterroles, .*; an administrator/,
    );
    const { stdout } = await leat(["check"], kubeconfig);
    for (const about of ["CRDs", "controllers", "objects"])
      assert.match(stdout, new RegExp(`^${about}\n {2}! unknown, because you may not read them: .*forbidden`, "m"));
    assert.match(stdout, /! you may not get gitrepositories, /);
  });
});

function leat(args: readonly string[], kubeconfig = controlPlane.kubeconfig): Promise<Ended> {
  return runLeat(args, { environment: { KUBECONFIG: kubeconfig, LEAT_NAMESPACE: "flux-system" } });
}

/** Creates an object, with its status where it has one. */
async function create({ status, ...object }: KubeObject): Promise<void> {
  const resource = await resourceOf(object);
  const { metadata } = await kube.create(resource, object, { fieldManager });
  if (status === undefined) return;
  const ref = { resource, namespace: metadata.namespace, name: metadata.name };
  await kube.patch(ref, { type: "merge", body: { status } }, { fieldManager, subresource: "status" });
}

async function resourceOf({ apiVersion, kind }: KubeObject) {
  const resource = await kube.resourceOf(apiVersion, kind);
  assert.ok(resource, kind);
  return resource;
}

/** As the chart installs it, with a pod that is ready. */
function controller(name: string): KubeObject {
  const app = { app: name };
  const labels = {
    "app.kubernetes.io/part-of": "flux",
    "app.kubernetes.io/name": "leat",
    "app.kubernetes.io/component": name,
    "app.kubernetes.io/version": `v${versionText}`,
  };
  const containers = [{ name: "manager", image: `leat/${name}:v${versionText}`, args: ["--enable-leader-election"] }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `leat-${name}`, namespace: "flux-system", labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: app },
      template: { metadata: { labels: app }, spec: { containers } },
    },
    status: { replicas: 1, readyReplicas: 1, availableReplicas: 1 },
  };
}

async function setReady(name: string, readyReplicas: number): Promise<void> {
  const ref = { resource: await resourceOf(controller(name)), namespace: "flux-system", name: `leat-${name}` };
  const body = { status: { readyReplicas, availableReplicas: readyReplicas } };
  await kube.patch(ref, { type: "merge", body }, { fieldManager, subresource: "status" });
}

function lease(name: string, holderIdentity: string): KubeObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: `${name}-leader-election`, namespace: "flux-system" },
    spec: { holderIdentity },
  };
}

function named(name: string, more: object, status?: object): KubeObject {
  const spec = { interval: "10m", prune: true, sourceRef: { kind: "GitRepository", name: "repo" }, ...more };
  return { ...kustomization(name), metadata: { name, namespace: "flux-system" }, spec, status };
}

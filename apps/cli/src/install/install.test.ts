/** Install, upgrade and uninstall on a cluster of its own. Each test goes on where the one before it ended. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { GitRepository, type KubeObject, Kustomization } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { type ControlPlane, eventually, openPrivateDirectory, startControlPlane } from "@leat/testing";
import { binary } from "@leat/toolchain";
import { parseYamlDocuments } from "@leat/yaml";
import { type Ended, leat as runLeat, type LeatOptions } from "../../test/leat.ts";
import { gitRepository, kustomization } from "../../test/objects.ts";

const namespace = "flux-system";
/** Finalizer of a Deployment that terminates slowly. */
const held = "example.org/held";

let stack: AsyncDisposableStack;
let controlPlane: ControlPlane;
let kube: Kube;
let home: string;
let helm: string;
before(async () => {
  await using opening = new AsyncDisposableStack();
  helm = await binary("helm");
  home = opening.use(await openPrivateDirectory()).path;
  controlPlane = opening.use(await startControlPlane({ kwokNodes: 1 }));
  kube = opening.use(await connect({ kubeconfig: controlPlane.kubeconfig }));
  stack = opening.move();
});
after(() => stack.disposeAsync());

suite("what would be installed", () => {
  test("is exported without a cluster, with the namespace", async () => {
    const environment = { HOME: home, KUBECONFIG: "/dev/null", PATH: join(helm, "..") };
    const { code, stdout, stderr } = await installing(["--export", "--set", "logLevel=debug"], { environment });
    assert.equal(code, 0, stderr);
    const [first, ...others] = parseYamlDocuments(stdout, "export") as KubeObject[];
    assert.deepEqual([first?.kind, first?.metadata.name], ["Namespace", namespace]);
    assert.ok(others.some(({ kind }) => kind === "CustomResourceDefinition"));
    assert.deepEqual(deploymentsIn(others), ["leat-kustomize-controller", "leat-source-controller"]);
    assert.match(stdout, /--log-level=debug/);
  });

  test("is only the controllers that are named", async () => {
    const { stdout, stderr } = await installing(["--export", "--controllers", "source"]);
    assert.deepEqual(deploymentsIn(parseYamlDocuments(stdout, stderr) as KubeObject[]), ["leat-source-controller"]);
  });

  test("is listed by a dry run, which changes nothing", async () => {
    const { code, stdout, stderr } = await installing(["--dry-run"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^leat would be installed in flux-system, with \d+ objects:$/m);
    assert.match(stdout, /^ {2}Deployment\/flux-system\/leat-source-controller$/m);
    assert.match(stdout, /^ {2}CustomResourceDefinition\/kustomizations\.kustomize\.toolkit\.fluxcd\.io$/m);
    assert.deepEqual(await deployed(), []);
    assert.equal(await served(Kustomization), false);
  });

  const rejected: Array<[what: string, args: string[], code: number, message: RegExp]> = [
    [
      "a controller that the chart does not have",
      ["--controllers", "mill"],
      2,
      /no controller "mill"; available: source, kus/,
    ],
    ["a value that the chart does not have", ["--set", "logLvel=debug"], 1, /helm upgrade failed: .*logLvel/s],
    ["two ways of not installing", ["--export", "--dry-run"], 2, /cannot be combined/],
    ["a user that helm cannot be told", ["--user", "admin"], 2, /helm does not support --cluster and --user/],
    ["to go on without helm", ["--helm-binary", "/no/helm"], 1, /set --helm-binary/],
  ];
  for (const [what, args, expected, message] of rejected) {
    test(`rejects ${what}`, async () => {
      const { code, stderr } = await installing(args);
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
      assert.deepEqual(await deployed(), []);
    });
  }
});

test("installs, and waits until the controllers are ready", async () => {
  const { code, stdout, stderr } = await installing([]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /runs in the namespace flux-system/);
  assert.deepEqual(await deployed(), ["leat-kustomize-controller", "leat-source-controller"]);
  const deployments = await objectsOf("apps/v1", "Deployment");
  assert.ok(deployments.every(({ status }) => (status as { readyReplicas?: number }).readyReplicas === 1));
});

test("installed again, brings what is there up to what is said now", async () => {
  const dry = await installing(["--dry-run"]);
  assert.match(dry.stdout, /^leat would be upgraded in flux-system/);
  const { code, stderr } = await installing(["--controllers", "source", "--set", "logLevel=debug"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await deployed(), ["leat-source-controller"]);
});

test("exports what is installed", async () => {
  const { code, stdout, stderr } = await leat(["export"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(deploymentsIn(parseYamlDocuments(stdout, "export") as KubeObject[]), ["leat-source-controller"]);
  const missing = await leat(["export", "--release", "other"]);
  assert.deepEqual([missing.code, /helm get failed: release: not found/.test(missing.stderr)], [1, true]);
});

suite("uninstalling", () => {
  before(async () => {
    await create(gitRepository("repo"));
    const entries = [{ id: `${namespace}_applied__ConfigMap`, v: "v1" }];
    const app = kustomization("app", { status: { inventory: { entries } } });
    await create({ ...app, metadata: { ...app.metadata, finalizers: ["finalizers.fluxcd.io"] } });
    const labels = { "kustomize.toolkit.fluxcd.io/name": "app", "kustomize.toolkit.fluxcd.io/namespace": namespace };
    await create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied", labels } });
  });

  const unconfirmed: Array<[given: string, options: LeatOptions, message: RegExp]> = [
    [
      "somebody who says no",
      { answer: "n" },
      /Remove the Helm release leat from flux-system\? .*\nleat: nothing was removed/,
    ],
    ["somebody who says nothing", { answer: "" }, /nothing was removed/],
    ["nobody", {}, /cannot ask for confirmation without a terminal: use --yes/],
  ];
  for (const [given, options, message] of unconfirmed) {
    test(`removes nothing for ${given}`, async () => {
      const { code, stderr } = await leat(["uninstall"], options);
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.deepEqual(await deployed(), ["leat-source-controller"]);
    });
  }

  test("removes the controllers, waits until they have ended, and says what stays", async () => {
    const resource = await kube.resourceNamed("Deployment");
    assert.ok(resource);
    const ref = { resource, namespace, name: "leat-source-controller" };
    const setFinalizers = async (finalizers: string[]) =>
      kube.patch(ref, { type: "merge", body: { metadata: { finalizers } } }, { fieldManager: "cli-test" });
    await setFinalizers([held]);
    let hasEnded = false;
    const uninstalling = leat(["uninstall"], { answer: "yes" }).finally(() => {
      hasEnded = true;
    });
    const isTerminating = async () => {
      const { deletionTimestamp, finalizers = [] } = (await kube.get(ref))?.metadata ?? {};
      return deletionTimestamp !== undefined && finalizers.join() === held;
    };
    await eventually(isTerminating, { what: "the Deployment to be held by the finalizer alone" });
    assert.equal(hasEnded, false);
    await setFinalizers([]);
    const { code, stdout, stderr } = await uninstalling;
    assert.equal(code, 0, stderr);
    assert.deepEqual(await deployed(), []);
    assert.match(
      stdout,
      /Remaining:\n {2}CRDs and custom resources: 1 GitRepository, 1 Kustomization; `leat uninstall --crds`/,
    );
    assert.ok(await get("ConfigMap", "applied"));
    assert.deepEqual((await get("Kustomization", "app"))?.metadata.finalizers, ["finalizers.fluxcd.io"]);
  });

  test("fails where nothing is installed", async () => {
    const { code, stderr } = await leat(["uninstall", "--yes"]);
    assert.equal(code, 1);
    assert.match(stderr, /Helm release leat not found in namespace flux-system/);
  });

  test("keeps definitions while other controllers would prune", async () => {
    await installing([]);
    const other = {
      ...lease("source-controller-leader-election", 3600),
      metadata: { name: "source-controller-leader-election", namespace: "default" },
    };
    await create(other);
    await create(fluxController("kustomize-controller", 1));
    const { code, stderr } = await leat(["uninstall", "--crds", "--yes"]);
    assert.equal(code, 1);
    const named = "Deployment/flux-system/kustomize-controller, Lease/default/source-controller-leader-election";
    assert.match(stderr, new RegExp(`the CRDs were not removed, .*: ${named}\nStop them first`));
    assert.ok((await deployed()).includes("leat-source-controller"));
    await remove("Lease", "source-controller-leader-election", "default");
    await remove("Deployment", "kustomize-controller", namespace);
    // Of this one there are no pods.
    await create(fluxController("helm-controller", 0));
  });

  test("with --crds removes definitions and custom resources, and what was applied stays", async () => {
    // Of a controller that was killed: nobody renews it.
    await create(lease("kustomize-controller-leader-election", 2));
    const uid = (await get("ConfigMap", "applied"))?.metadata.uid;
    const { code, stdout, stderr } = await leat(["uninstall", "--crds"], { answer: "y" });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /all Kustomizations, sources and CRDs of the cluster/);
    assert.match(stdout, /Removed 2 custom resources and 2 CRDs\./);
    assert.deepEqual(await deployed(), ["helm-controller"]);
    assert.deepEqual([await served(Kustomization), await served(GitRepository)], [false, false]);
    assert.equal((await get("ConfigMap", "applied"))?.metadata.uid, uid);
  });

  test("removes them a second time without complaint", async () => {
    const { code, stdout, stderr } = await leat(["uninstall", "--crds", "--yes"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Removed 0 custom resources and 0 CRDs\./);
  });
});

function installing(args: readonly string[], options: LeatOptions = {}): Promise<Ended> {
  return leat(["install", "--timeout", "90s", ...args], options);
}

function leat(args: readonly string[], options: LeatOptions = {}): Promise<Ended> {
  const environment = { HOME: home, KUBECONFIG: controlPlane.kubeconfig, PATH: join(helm, "..") };
  return runLeat(args, { environment, ...options });
}

function deploymentsIn(objects: readonly KubeObject[]): string[] {
  return objects
    .filter(({ kind }) => kind === "Deployment")
    .map(({ metadata }) => metadata.name)
    .toSorted();
}

async function deployed(): Promise<string[]> {
  return deploymentsIn(await objectsOf("apps/v1", "Deployment"));
}

async function objectsOf(apiVersion: string, kind: string): Promise<KubeObject[]> {
  const resource = await kube.resourceOf(apiVersion, kind);
  assert.ok(resource);
  const { objects } = await kube.list({ resource, namespace });
  return objects.map((object) => ({ ...object, kind }));
}

async function served({ plural, group }: { plural: string; group: string }): Promise<boolean> {
  return (await get("CustomResourceDefinition", `${plural}.${group}`)) !== undefined;
}

async function get(kind: string, name: string): Promise<KubeObject | undefined> {
  const resource = await kube.resourceNamed(kind);
  assert.ok(resource, kind);
  return kube.get({ resource, namespace: resource.namespaced ? namespace : undefined, name });
}

async function create({ status, ...object }: KubeObject): Promise<void> {
  const whole = { ...object, metadata: { namespace, ...object.metadata } } as KubeObject;
  const resource = await kube.resourceOf(whole.apiVersion, whole.kind);
  assert.ok(resource, whole.kind);
  await kube.create(resource, whole, { fieldManager: "cli-test" });
  if (status === undefined) return;
  const ref = { resource, namespace: whole.metadata.namespace, name: whole.metadata.name };
  await kube.patch(ref, { type: "merge", body: { status } }, { fieldManager: "cli-test", subresource: "status" });
}

async function remove(kind: string, name: string, from: string): Promise<void> {
  const resource = await kube.resourceNamed(kind);
  assert.ok(resource, kind);
  await kube.delete({ resource, namespace: from, name });
}

function fluxController(name: string, replicas: number): KubeObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "manager", image: "manager" }] } };
  const metadata = { name, labels: { "app.kubernetes.io/part-of": "flux", "app.kubernetes.io/instance": namespace } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

function lease(name: string, leaseDurationSeconds: number): KubeObject {
  const renewTime = new Date().toISOString().replace("Z", "000Z");
  const spec = { holderIdentity: "somebody", leaseDurationSeconds, acquireTime: renewTime, renewTime };
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name }, spec };
}

/**
 * The chart on a real API server: installed, upgraded, uninstalled and installed again by helm, with controllers that have
 * exactly the flags and rights which it gives them. Each test goes on where the one before it ended.
 */
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { controllers } from "@leat/controllers";
import { run } from "@leat/process";
import { eventually, openPrivateDirectory } from "@leat/testing";
import { binary } from "@leat/toolchain";
import { parseYaml, stringifyYaml } from "@leat/yaml";
import { declare, deploy, push, roll } from "../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../harness/own-harness.ts";
import { chartDirectory, helm, release, renderChart } from "../harness/helm.ts";
import { configMap, definition, gitRepository, kustomization, serviceAccount } from "../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../harness/scenario.ts";
import { everything } from "./fixtures/everything.ts";
import { type Pods, startPods } from "./pods.ts";

const definitions = {
  GitRepository: "CustomResourceDefinition/gitrepositories.source.toolkit.fluxcd.io",
  Kustomization: "CustomResourceDefinition/kustomizations.kustomize.toolkit.fluxcd.io",
};

let harness: OwnHarness;
let scenario: Scenario;
let pods: Pods | undefined;
before(async () => {
  const stack = { name: "leat", crds: [], processes: [] };
  harness = await startHarness({ stack, controlPlane: { kwokNodes: 2 } });
  scenario = await startScenario(harness, "chart");
  await scenario.apply(`apiVersion: v1
kind: Namespace
metadata:
  name: ${release.namespace}
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
`);
});
after(async () => {
  await pods?.[Symbol.asyncDispose]();
  await scenario[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

suite("the API server takes all objects, and pods as restricted ones", () => {
  for (const [given, values] of [
    ["as the chart is", {}],
    ["with everything on", everything],
  ] as const) {
    test(given, async () => {
      for (const kind of ["PodMonitor", "PrometheusRule"]) {
        await scenario.apply(definition("monitoring.coreos.com", "v1", kind));
      }
      const objects = await renderChart(values);
      const args = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-"];
      const { exitCode, stderr } = await run(await binary("kubectl"), args, {
        env: { KUBECONFIG: harness.controlPlane.kubeconfig, HOME: harness.directory },
        input: objects.map((object) => stringifyYaml(object)).join("---\n"),
        timeoutMs: 60_000,
      });
      assert.equal(exitCode, 0, stderr);
      assert.doesNotMatch(stderr, /warning/i);
    });
  }
});

test("helm installs it, and a commit reaches the cluster", async () => {
  await release_("install");
  pods = await startPods(harness);
  assert.deepEqual(Object.keys(pods.flags).toSorted(), controllers.map(({ name }) => `leat-${name}`).toSorted());

  await deploy(scenario, { "app/one.yaml": configMap("one") });

  assert.ok(await scenario.get("ConfigMap/one"));
});

test("an upgrade changes flags and definitions, and what was applied stays as it is", async () => {
  const before_ = await scenario.get("ConfigMap/one");
  await using next = await nextChart();

  await release_("upgrade", { logLevel: "debug" }, next.path);

  assert.ok(categoriesOf(await scenario.get(definitions.Kustomization)).includes("changed"));
  const flags = await restart();
  assert.ok(Object.values(flags).every((given) => given.includes("--log-level=debug")));
  await roll(scenario, { "app/two.yaml": configMap("two") });
  assert.equal((await scenario.get("ConfigMap/one"))?.metadata.resourceVersion, before_?.metadata.resourceVersion);
});

test("with shards, objects are reconciled by the controllers of their shard", async () => {
  await release_("upgrade", { logLevel: "debug", sharding: { shards: ["shard1"] } });
  const flags = await restart();
  assert.equal(Object.keys(flags).length, 4);

  await using sharded = await startScenario(harness, "sharded");
  const sha = await sharded.commit({ "app/one.yaml": configMap("one") });
  const labelled = (gitRepository() + kustomization()).replaceAll(
    /metadata: \{name: (\w+)\}/g,
    "metadata: {name: $1, labels: {sharding.fluxcd.io/key: shard1}}",
  );
  await sharded.apply(labelled);
  await sharded.untilReady("Kustomization/app", sha);

  for (const name of ["leat-source-controller", "leat-kustomize-controller"]) {
    const log = async (pod: string) => readFile(join(harness.directory, pod, `${pod}.log`), "utf8");
    assert.ok((await log(`${name}-shard1`)).includes(sharded.namespace));
    assert.ok(!(await log(name)).includes(sharded.namespace));
  }
});

suite("where tenants are kept apart", () => {
  before(async () => {
    await release_("upgrade", { multitenancy: { enabled: true } });
    await restart();
  });

  test("a Kustomization acts as the default account of its namespace, and can no more than that", async () => {
    await using tenant = await startScenario(harness, "tenant");
    const sha = await declare(tenant, { "app/one.yaml": configMap("one") });
    await untilForbidden(tenant);
    assert.equal(await tenant.get("ConfigMap/one"), undefined);

    await tenant.apply(serviceAccount("default", ["get", "list", "watch", "create", "patch", "delete"]));
    await tenant.request("Kustomization/app");
    await tenant.untilReady("Kustomization/app", sha);
    assert.ok(await tenant.get("ConfigMap/one"));

    const abroad = configMap("abroad").replace("{{ns}}", scenario.namespace);
    await push(tenant, { "app/abroad.yaml": abroad });
    await untilForbidden(tenant);
    assert.equal(await scenario.get("ConfigMap/abroad"), undefined);
  });

  test("the controllers themselves may apply nothing, and become nobody but an account", async () => {
    for (const [verb, resource, group, allowed] of [
      ["impersonate", "serviceaccounts", "", true],
      ["impersonate", "users", "", false],
      ["impersonate", "groups", "", false],
      ["create", "configmaps", "", false],
      ["create", "clusterrolebindings", "rbac.authorization.k8s.io", false],
      ["update", "serviceaccounts", "", false],
      ["list", "pods", "", false],
    ] as const) {
      for (const { name, appliesObjects } of controllers) {
        const may = await mayDo(`leat-${name}`, { verb, resource, group });
        assert.equal(may, allowed && appliesObjects, `${name}: ${verb} ${resource}`);
      }
    }
  });
});

test("where one namespace is watched, rights end with it", async () => {
  await release_("upgrade", { watchAllNamespaces: false, multitenancy: { enabled: true } });
  await restart();
  const sha = await scenario.commit({ "own/own.yaml": configMap("own").replace("{{ns}}", release.namespace) });
  const manifests = [
    serviceAccount("default", ["get", "list", "watch", "create", "patch", "delete"]),
    gitRepository(undefined, "own"),
    kustomization("own", "  path: ./own\n  prune: true").replace("name: repo}", "name: own}"),
  ];
  const here = { namespace: release.namespace };
  await scenario.apply(
    manifests
      .join("")
      .replaceAll("{{ns}}", here.namespace)
      .replaceAll(/metadata: \{name: (\w+)\}/g, `metadata: {name: $1, namespace: ${here.namespace}}`),
  );

  const resource = await harness.kube.resourceOf("kustomize.toolkit.fluxcd.io/v1", "Kustomization");
  assert.ok(resource);
  await eventually(
    async () => {
      const object = await harness.kube.get({ resource, ...here, name: "own" });
      return conditionOf(object, "Ready")?.status === "True" && JSON.stringify(object).includes(sha);
    },
    { what: "the Kustomization of the namespace to be ready", timeoutMs: 20_000 },
  );
  const account = "leat-kustomize-controller";
  const secrets = { verb: "list", resource: "secrets", group: "" };
  assert.equal(await mayDo(account, { ...secrets, ...here }), true);
  assert.equal(await mayDo(account, { ...secrets, namespace: scenario.namespace }), false);
});

test("uninstalled, it leaves definitions, objects and what was applied", async () => {
  await release_("upgrade");
  await pods?.[Symbol.asyncDispose]();
  pods = undefined;
  const uid = (await scenario.get("ConfigMap/one"))?.metadata.uid;

  await uninstall();

  const { kube } = harness;
  const deployments = await kube.resourceOf("apps/v1", "Deployment");
  assert.ok(deployments);
  assert.deepEqual((await kube.list({ resource: deployments, namespace: release.namespace })).objects, []);
  for (const subject of [...Object.values(definitions), "GitRepository/repo", "Kustomization/app"])
    assert.equal((await scenario.get(subject))?.metadata.deletionTimestamp, undefined, subject);
  assert.equal((await scenario.get("ConfigMap/one"))?.metadata.uid, uid);
});

test("installed again, it takes over what is there", async () => {
  const uid = (await scenario.get("ConfigMap/one"))?.metadata.uid;

  await release_("install");
  pods = await startPods(harness);

  await roll(scenario, { "app/two.yaml": null, "app/three.yaml": configMap("three") });
  assert.equal((await scenario.get("ConfigMap/one"))?.metadata.uid, uid);
  assert.equal(await scenario.get("ConfigMap/two"), undefined);
});

test("definitions of somebody else are left alone, and taken over where that is asked for", async () => {
  await pods?.[Symbol.asyncDispose]();
  pods = undefined;
  await uninstall();
  for (const subject of Object.values(definitions)) await disown(subject);

  await assert.rejects(release_("install"), /CustomResourceDefinition .* cannot be imported into the current release/);
  await release_("install", { crds: { install: false } });
  await uninstall();
  assert.ok(categoriesOf(await scenario.get(definitions.Kustomization)).includes("theirs"));

  await release_("install", {}, chartDirectory, ["--take-ownership", "--force-conflicts"]);
  assert.ok(!categoriesOf(await scenario.get(definitions.Kustomization)).includes("theirs"));
});

/** The flags that the Deployments give now. */
async function restart(): Promise<Pods["flags"]> {
  await pods?.[Symbol.asyncDispose]();
  pods = await startPods(harness);
  return pods.flags;
}

/** Waits until the pods are ready: those of the nodes here, which run nothing. */
async function release_(
  command: "install" | "upgrade",
  values: object = {},
  chart = chartDirectory,
  flags: readonly string[] = [],
): Promise<void> {
  const args = [command, release.name, chart, `--namespace=${release.namespace}`, "--wait", "--timeout=90s", ...flags];
  const { exitCode, stderr } = await helm(args, { kubeconfig: harness.controlPlane.kubeconfig, values });
  assert.equal(exitCode, 0, stderr);
}

async function uninstall(): Promise<void> {
  const { exitCode, stderr } = await helm(["uninstall", release.name, `--namespace=${release.namespace}`, "--wait"], {
    kubeconfig: harness.controlPlane.kubeconfig,
  });
  assert.equal(exitCode, 0, stderr);
}

/** Makes a definition look as if somebody else had installed it, in a version of their own. */
async function disown(subject: string): Promise<void> {
  const owner = { "meta.helm.sh/release-name": null, "meta.helm.sh/release-namespace": null };
  await scenario.edit(subject, {
    metadata: { annotations: owner, labels: { "app.kubernetes.io/managed-by": "flux" } },
    spec: { names: { categories: ["all", "theirs"] } },
  });
}

interface Definition extends KubeObject {
  spec: { names: { categories: string[] } };
}

function categoriesOf(object: KubeObject | undefined): string[] {
  return (object as Definition | undefined)?.spec.names.categories ?? [];
}

/** The chart of a later version, in which a definition has changed. */
async function nextChart() {
  const directory = await openPrivateDirectory();
  await cp(chartDirectory, directory.path, { recursive: true });
  const file = join(directory.path, "files/crds/kustomize.toolkit.fluxcd.io_kustomizations.yaml");
  const crd = parseYaml(await readFile(file, "utf8"), file) as Definition;
  crd.spec.names.categories.push("changed");
  await writeFile(file, stringifyYaml(crd));
  return directory;
}

async function untilForbidden(tenant: Scenario): Promise<void> {
  const rejected = await tenant.until("Kustomization/app", "to be rejected", (object) =>
    /forbidden/.test(conditionOf(object, "Ready")?.message ?? ""),
  );
  const { message = "" } = conditionOf(rejected, "Ready") ?? {};
  assert.match(message, new RegExp(`system:serviceaccount:${tenant.namespace}:default`));
}

async function mayDo(account: string, resourceAttributes: object): Promise<boolean> {
  const { kube } = harness;
  const resource = await kube.resourceOf("authorization.k8s.io/v1", "SubjectAccessReview");
  assert.ok(resource);
  const user = `system:serviceaccount:${release.namespace}:${account}`;
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    metadata: { name: "" },
    spec: { user, groups: ["system:authenticated", "system:serviceaccounts"], resourceAttributes },
  };
  const { status } = await kube.create(resource, review, { fieldManager: "test" });
  return (status as { allowed: boolean }).allowed;
}

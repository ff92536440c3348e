/** Kustomization: spec.prune deletes what was removed from the source, and nothing else. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { deploy, inventoryOf, push, rerun, roll } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization, serviceAccount } from "../../harness/manifests.ts";
import { startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const oneAndTwo = { "app/one.yaml": configMap("one"), "app/two.yaml": configMap("two") };
const withoutTwo = { "app/two.yaml": null };

/** A ConfigMap with more metadata, in flow style. */
const configMapWith = (name: string, metadata: string) =>
  configMap(name).replace('namespace: "{{ns}}"', `namespace: "{{ns}}", ${metadata}`);

const rbac = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "{{ns}}:reader"}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: "app:editor", namespace: "{{ns}}"}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
`;

suite("pruning", { concurrency: 4 }, () => {
  for (const place of ["labels", "annotations"]) {
    test(`spares an object that opts out by its ${place}`, async () => {
      await using scenario = await startScenario(harness, "prune-opt-out");
      const two = configMapWith("two", `${place}: {kustomize.toolkit.fluxcd.io/prune: disabled}`);
      await deploy(scenario, { ...oneAndTwo, "app/two.yaml": two });

      await roll(scenario, withoutTwo);

      assert.ok(await scenario.get("ConfigMap/two"));
      const ids = inventoryOf(await scenario.get("Kustomization/app"));
      assert.deepEqual(ids, [`${scenario.namespace}_one__ConfigMap`]);
    });
  }

  test("spares an object that opts out in the cluster only", async () => {
    await using scenario = await startScenario(harness, "prune-opt-out-live");
    await deploy(scenario, oneAndTwo);
    const annotations = { "kustomize.toolkit.fluxcd.io/prune": "disabled" };
    const body = { metadata: { annotations } };
    const resource = await scenario.kube.resourceOf("v1", "ConfigMap");
    assert.ok(resource);
    const ref = { resource, namespace: scenario.namespace, name: "two" };
    await scenario.kube.patch(ref, { type: "merge", body }, { fieldManager: "somebody" });

    await roll(scenario, withoutTwo);

    assert.ok(await scenario.get("ConfigMap/two"));
  });

  test("forgets for good what left while prune was false", async () => {
    await using scenario = await startScenario(harness, "prune-later");
    await deploy(scenario, oneAndTwo, "  path: ./app\n  prune: false");
    await roll(scenario, withoutTwo);

    await scenario.edit("Kustomization/app", { spec: { prune: true } });
    await rerun(scenario);

    assert.ok(await scenario.get("ConfigMap/two"));
  });

  testBeyondFlux(
    () => harness,
    "never deletes an object that moves between Kustomizations of one source",
    async () => {
      await using scenario = await startScenario(harness, "prune-moves");
      const { commit, apply, untilReady, get } = scenario;
      const inner = kustomization('inner, namespace: "{{ns}}"', "  path: ./inner\n  prune: true");
      const first = await commit({ ...oneAndTwo, "app/inner.yaml": inner, "inner/three.yaml": configMap("three") });
      await apply(gitRepository() + kustomization("app", "  path: ./app\n  prune: true"));
      await untilReady("Kustomization/app", first);
      await untilReady("Kustomization/inner", first);
      const uid = async () => (await get("ConfigMap/two"))?.metadata.uid;
      const original = await uid();

      const there = { ...withoutTwo, "inner/two.yaml": configMap("two") };
      const back = { "app/two.yaml": configMap("two"), "inner/two.yaml": null };
      for (const [files, from] of [
        [there, "app"],
        [back, "inner"],
      ] as const) {
        await roll(scenario, files);
        await eventually(
          async () => !inventoryOf(await get(`Kustomization/${from}`)).some((id) => id.includes("_two_")),
          {
            what: `${from} to have let go`,
          },
        );
        assert.equal(await uid(), original);
      }
    },
  );

  test("leaves an object alone that moved to another Kustomization", async () => {
    await using scenario = await startScenario(harness, "prune-moved");
    const { commit, apply, untilReady, get } = scenario;
    const first = await commit({ ...oneAndTwo, "other/three.yaml": configMap("three") });
    const other = kustomization("other", "  path: ./other\n  prune: true");
    const app = kustomization("app", "  path: ./app\n  prune: true\n  dependsOn: [{name: other}]");
    await apply(gitRepository() + other + app);
    await untilReady("Kustomization/app", first);
    const original = await get("ConfigMap/two");

    await roll(scenario, { ...withoutTwo, "other/two.yaml": configMap("two") });

    const moved = await get("ConfigMap/two");
    assert.equal(moved?.metadata.uid, original?.metadata.uid);
    assert.equal(moved?.metadata.labels?.["kustomize.toolkit.fluxcd.io/name"], "other");
    assert.ok(inventoryOf(await get("Kustomization/other")).includes(`${scenario.namespace}_two__ConfigMap`));
  });

  test("that is rejected fails the run, keeps the object in the inventory and is tried again", async () => {
    await using scenario = await startScenario(harness, "prune-rejected");
    const { apply, get, untilCondition, untilGone, untilReady, namespace } = scenario;
    await apply(serviceAccount("limited", ["get", "list", "watch", "create", "patch"]));
    const sha = await scenario.commit(oneAndTwo);
    const limited = kustomization("app", "  path: ./app\n  prune: true\n  serviceAccountName: limited");
    await apply(gitRepository() + limited.replace("retryInterval: 10m", "retryInterval: 1s"));
    await untilReady("Kustomization/app", sha);

    const next = await push(scenario, withoutTwo);
    await untilCondition("Kustomization/app", { type: "Ready", status: "False", reason: "PruneFailed" });
    assert.ok(await get("ConfigMap/two"));
    const ids = inventoryOf(await get("Kustomization/app"));
    assert.ok(ids.includes(`${namespace}_two__ConfigMap`), ids.join(" "));

    await apply(serviceAccount("limited", ["get", "list", "watch", "create", "patch", "delete"]));
    await untilGone("ConfigMap/two");
    const pruned = await untilReady("Kustomization/app", next);
    assert.deepEqual(inventoryOf(pruned), [`${namespace}_one__ConfigMap`]);
  });

  test("works from an inventory in the order of applying, with the names of RBAC in it", async () => {
    await using scenario = await startScenario(harness, "prune-ids");
    const { namespace: ns, untilGone, get } = scenario;
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: one, namespace: "{{ns}}"}\nstringData: {a: b}\n';
    const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: one, namespace: "{{ns}}"}\n';
    await deploy(scenario, { ...oneAndTwo, "app/rbac.yaml": rbac, "app/a.yaml": secret, "app/b.yaml": account });
    assert.deepEqual(inventoryOf(await get("Kustomization/app")), [
      `_${ns}__reader_rbac.authorization.k8s.io_ClusterRole`,
      `${ns}_one__ServiceAccount`,
      `${ns}_app__editor_rbac.authorization.k8s.io_Role`,
      `${ns}_one__ConfigMap`,
      `${ns}_two__ConfigMap`,
      `${ns}_one__Secret`,
    ]);

    await roll(scenario, { "app/rbac.yaml": null });

    await untilGone(`ClusterRole/${ns}:reader`);
    await untilGone("Role/app:editor");
  });

  test("takes everything away where nothing is declared any more", async () => {
    await using scenario = await startScenario(harness, "prune-all");
    await deploy(scenario, oneAndTwo);

    await roll(scenario, { "app/one.yaml": null, "app/two.yaml": null, "app/README.md": "nothing\n" });

    await scenario.untilGone("ConfigMap/one");
    await scenario.untilGone("ConfigMap/two");
    assert.deepEqual(inventoryOf(await scenario.get("Kustomization/app")), []);
  });
});

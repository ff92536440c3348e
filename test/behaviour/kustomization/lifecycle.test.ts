/**
 * Kustomization: spec.suspend, spec.deletionPolicy, requested reconciliations, spec.retryInterval, apply stages, and
 * fields that are not supported.
 */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, declare, deploy, handledOf, inventoryOf, push, roll } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { conditionOf, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const one = { "app/one.yaml": configMap("one") };

suite("suspend", { concurrency: 4 }, () => {
  test("holds a commit back until it is resumed", async () => {
    await using scenario = await startScenario(harness, "suspend");
    await deploy(scenario, { ...one, "other/two.yaml": configMap("two") });
    await scenario.apply(kustomization("other", "  path: ./other\n  prune: true"));
    await scenario.untilReady("Kustomization/other");
    await scenario.edit("Kustomization/app", { spec: { suspend: true } });
    const next = await push(scenario, { "app/one.yaml": configMap("one", "2") });
    await scenario.untilReady("Kustomization/other", next);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1" });

    await scenario.edit("Kustomization/app", { spec: { suspend: false } });
    await scenario.untilReady("Kustomization/app", next);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "2" });
  });

  test("leaves the objects in place when the Kustomization is deleted", async () => {
    await using scenario = await startScenario(harness, "suspend-delete");
    await deploy(scenario, one);
    await scenario.edit("Kustomization/app", { spec: { suspend: true } });
    await scenario.delete("Kustomization/app");
    await scenario.untilGone("Kustomization/app");
    assert.ok(await scenario.get("ConfigMap/one"));
  });
});

suite("deletion", { concurrency: 4 }, () => {
  const rows: Array<[policy: string, prune: boolean, stays: boolean]> = [
    ["MirrorPrune", true, false],
    ["MirrorPrune", false, true],
    ["Delete", false, false],
    ["WaitForTermination", false, false],
    ["Orphan", true, true],
  ];
  for (const [policy, prune, stays] of rows) {
    test(`${policy} with prune ${prune}: the objects ${stays ? "stay" : "go"}`, async () => {
      await using scenario = await startScenario(harness, "delete");
      await deploy(scenario, one, `  path: ./app\n  prune: ${prune}\n  deletionPolicy: ${policy}`);
      await scenario.delete("Kustomization/app");
      await scenario.untilGone("Kustomization/app");
      assert.equal((await scenario.get("ConfigMap/one")) !== undefined, stays);
    });
  }

  test("WaitForTermination stays until the objects are really gone", async () => {
    await using scenario = await startScenario(harness, "delete-wait");
    const held = configMap("one").replace('namespace: "{{ns}}"', 'namespace: "{{ns}}", finalizers: [example.org/hold]');
    const spec = "  path: ./app\n  prune: true\n  deletionPolicy: WaitForTermination\n  timeout: 60s";
    await deploy(scenario, { "app/one.yaml": held }, spec);
    await scenario.delete("Kustomization/app");
    await scenario.until("ConfigMap/one", "to be going", ({ metadata }) => metadata.deletionTimestamp !== undefined);
    assert.ok(await scenario.get("Kustomization/app"));
    await scenario.edit("ConfigMap/one", { metadata: { finalizers: null } });
    await scenario.untilGone("Kustomization/app");
  });
});

suite("requests", { concurrency: 4 }, () => {
  test("are answered for by lastHandledReconcileAt, also by a run that fails", async () => {
    await using scenario = await startScenario(harness, "request-fails");
    await declare(scenario, { "app/one.yaml": "a: [" });
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
    const token = await scenario.request("Kustomization/app");
    await scenario.until("Kustomization/app", "to have handled the request", (object) => handledOf(object) === token);
  });

  test("a failed run is tried again after retryInterval", async () => {
    await using scenario = await startScenario(harness, "retry");
    const { apply, commit, untilCondition, untilReady } = scenario;
    await commit({ "app/one.yaml": configMap("one").replace("{{ns}}", "{{ns}}-later") });
    await apply(gitRepository() + kustomization().replace("retryInterval: 10m", "retryInterval: 1s"));
    await untilCondition("Kustomization/app", { type: "Ready", reason: "ReconciliationFailed" });
    await apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: "{{ns}}-later"}\n`);
    await untilReady("Kustomization/app");
  });
});

suite("stages", { concurrency: 4 }, () => {
  const widget = (name: string) =>
    `apiVersion: ${name}.example.org/v1\nkind: Widget\nmetadata: {name: w, namespace: "{{ns}}-own"}\n`;
  const definition = (name: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.${name}.example.org}
spec:
  group: ${name}.example.org
  names: {kind: Widget, plural: widgets, singular: widget}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: "{{ns}}-own"}\n';

  test("a namespace, a definition and objects of both come in one go", async () => {
    await using scenario = await startScenario(harness, "stages");
    const inside = configMap("one").replace("{{ns}}", "{{ns}}-own");
    const files = {
      "app/a-widget.yaml": widget("one"),
      "app/b.yaml": inside,
      "app/c.yaml": definition("one"),
      "app/d.yaml": namespace,
    };
    await deploy(scenario, files);
    assert.equal(inventoryOf(await scenario.get("Kustomization/app")).length, 4);
  });

  test("what a later stage rejects leaves that stage alone; earlier ones stay", async () => {
    await using scenario = await startScenario(harness, "stages-rejected");
    const bad = configMap("two").replace("value:", "no/key:");
    await declare(scenario, { "app/a.yaml": namespace, "app/one.yaml": configMap("one"), "app/two.yaml": bad });
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "ReconciliationFailed" });
    assert.ok(await scenario.get(`Namespace/${scenario.namespace}-own`));
    assert.equal(await scenario.get("ConfigMap/one"), undefined);
  });

  testBeyondFlux(
    () => harness,
    "what an earlier stage applied is in the inventory though a later one was rejected",
    async () => {
      await using scenario = await startScenario(harness, "stages-inventory");
      const bad = `${configMap("two")}nope: true\n`;
      await declare(scenario, { "app/a.yaml": namespace, "app/two.yaml": bad });
      const failed = await scenario.untilCondition("Kustomization/app", {
        type: "Ready",
        reason: "ReconciliationFailed",
      });
      assert.deepEqual(inventoryOf(failed), [`_${scenario.namespace}-own__Namespace`]);
      await roll(scenario, { "app/a.yaml": null, "app/two.yaml": configMap("two") });
      await scenario.untilGone(`Namespace/${scenario.namespace}-own`);
    },
  );
});

test("an account for decryption stalls where accounts may not act at clouds, and says what to do", async () => {
  await using scenario = await startScenario(harness, "gate");
  const decryption = "decryption: {provider: sops, serviceAccountName: a}";
  await declare(scenario, one, `  path: ./app\n  prune: true\n  ${decryption}`);
  const object = await scenario.untilCondition("Kustomization/app", {
    type: "Stalled",
    status: "True",
    reason: "FeatureGateDisabled",
  });
  const message = conditionOf(object, "Ready")?.message ?? "";
  assert.match(message, /spec\.decryption\.serviceAccountName/);
  assert.match(message, /ObjectLevelWorkloadIdentity/);
  assert.equal(await scenario.get("ConfigMap/one"), undefined);
});

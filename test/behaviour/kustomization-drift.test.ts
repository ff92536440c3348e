/** Kustomization: what others change is put right, and what is theirs is left alone. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { testBeyondFlux } from "../harness/beyond-flux.ts";
import { dataOf, deploy, postedAbout, rerun } from "../harness/deploy.ts";
import { type Harness, startHarness } from "../harness/harness.ts";
import { configMap } from "../harness/manifests.ts";
import { type Scenario, startScenario } from "../harness/scenario.ts";

let harness: Harness;
before(async () => {
  harness = await startHarness();
});
after(() => harness[Symbol.asyncDispose]());

const one = { "app/one.yaml": configMap("one") };

/** A merge patch by somebody who is not kubectl. */
async function patchAs(scenario: Scenario, fieldManager: string, name: string, body: object): Promise<void> {
  const resource = await scenario.kube.resourceOf("v1", "ConfigMap");
  assert.ok(resource);
  await scenario.kube.patch(
    { resource, namespace: scenario.namespace, name },
    { type: "merge", body },
    { fieldManager },
  );
}

suite("drift", { concurrency: 4 }, () => {
  testBeyondFlux(
    () => harness,
    "a hand edit is taken back at once",
    async () => {
      await using scenario = await startScenario(harness, "drift-edit");
      await deploy(scenario, one);
      const started = performance.now();
      await scenario.edit("ConfigMap/one", { data: { value: "by hand", more: "x" } });
      await scenario.until("ConfigMap/one", "to be as declared", (object) => dataOf(object)?.["value"] === "1", 5000);
      assert.ok(performance.now() - started < 1000);
      assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1" });
    },
  );

  testBeyondFlux(
    () => harness,
    "a deleted object is back at once",
    async () => {
      await using scenario = await startScenario(harness, "drift-delete");
      const { get, until } = scenario;
      await deploy(scenario, one);
      const uid = (await get("ConfigMap/one"))?.metadata.uid;
      await scenario.delete("ConfigMap/one");
      await until("ConfigMap/one", "to be back", ({ metadata }) => metadata.uid !== uid, 5000);
    },
  );

  testBeyondFlux(
    () => harness,
    "the owner's labels are put back",
    async () => {
      await using scenario = await startScenario(harness, "drift-labels");
      await deploy(scenario, one);
      await scenario.edit("ConfigMap/one", { metadata: { labels: { "kustomize.toolkit.fluxcd.io/name": null } } });
      await scenario.until(
        "ConfigMap/one",
        "to be labelled again",
        ({ metadata }) => metadata.labels?.["kustomize.toolkit.fluxcd.io/name"] === "app",
        5000,
      );
    },
  );

  testBeyondFlux(
    () => harness,
    "somebody who changes a field back again and again is not fought at speed",
    async () => {
      await using scenario = await startScenario(harness, "drift-fight");
      await deploy(scenario, one);
      for (let turn = 0; turn < 30; turn++)
        await patchAs(scenario, "rival", "one", { data: { value: `rival-${turn}` } });
      await scenario.until("ConfigMap/one", "to be as declared", (object) => dataOf(object)?.["value"] === "1");
      const corrections = postedAbout(scenario, "Kustomization/app").filter(({ message }) =>
        message.includes("configured"),
      );
      assert.ok(corrections.length <= 30, String(corrections.length));
    },
  );

  test("a field that nobody declares belongs to whoever set it", async () => {
    await using scenario = await startScenario(harness, "drift-foreign");
    await deploy(scenario, one);
    await patchAs(scenario, "autoscaler", "one", { data: { scaled: "5" }, metadata: { annotations: { note: "x" } } });
    await rerun(scenario);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1", scaled: "5" });
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.annotations?.["note"], "x");
  });

  test("what kubectl has set is taken over, and away", async () => {
    await using scenario = await startScenario(harness, "drift-kubectl");
    await deploy(scenario, one);
    await patchAs(scenario, "kubectl-edit", "one", { data: { added: "x" } });
    await rerun(scenario);
    const object = await scenario.until(
      "ConfigMap/one",
      "to be as declared",
      (live) => dataOf(live)?.["added"] === undefined,
    );
    assert.deepEqual(
      object.metadata.managedFields?.map(({ manager }) => manager),
      ["kustomize-controller"],
    );
  });

  test("an object that others manage is left alone where it says so", async () => {
    await using scenario = await startScenario(harness, "drift-merge");
    const merged = configMap("one").replace(
      'namespace: "{{ns}}"',
      'namespace: "{{ns}}", annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}',
    );
    await deploy(scenario, { "app/one.yaml": merged });
    await patchAs(scenario, "kubectl-edit", "one", { data: { added: "x" } });
    await rerun(scenario);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1", added: "x" });
  });

  test("an object that is only to be created is created, never changed, and created again", async () => {
    await using scenario = await startScenario(harness, "drift-once");
    const once = (value: string) =>
      configMap("one", value).replace(
        'namespace: "{{ns}}"',
        'namespace: "{{ns}}", annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}',
      );
    await deploy(scenario, { "app/one.yaml": once("1") });
    await patchAs(scenario, "somebody", "one", { data: { value: "theirs" } });
    await rerun(scenario);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "theirs" });
    await scenario.delete("ConfigMap/one");
    await rerun(scenario);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1" });
  });

  test("a run that finds everything as it was tells nothing", async () => {
    await using scenario = await startScenario(harness, "drift-quiet");
    await deploy(scenario, one);
    const { resourceVersion } = (await scenario.get("ConfigMap/one"))?.metadata ?? {};
    await rerun(scenario);
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.resourceVersion, resourceVersion);
    const applied = postedAbout(scenario, "Kustomization/app").filter(({ message }) =>
      /created|configured|deleted/.test(message),
    );
    assert.equal(applied.length, 1);
  });
});

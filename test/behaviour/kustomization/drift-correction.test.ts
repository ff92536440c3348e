/**
 * Kustomization: changes of applied objects are reverted by default; fields of other managers, and objects with the
 * annotation kustomize.toolkit.fluxcd.io/ssa, are kept.
 */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, deploy, postedAbout, rerun } from "../../harness/deploy.ts";
import { changeAs } from "../../harness/drift.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, kustomization } from "../../harness/manifests.ts";
import { startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const one = { "app/one.yaml": configMap("one") };
const contentionMs = 5000;

/** Of a kind whose status no controller of the test cluster writes. */
const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: "{{ns}}"}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
`;

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
    "a change of status alone is nobody's business",
    async () => {
      await using scenario = await startScenario(harness, "drift-status");
      const { get, editStatus, until } = scenario;
      await deploy(scenario, { ...one, "app/web.yaml": ingress });
      const { resourceVersion } = (
        await editStatus("networking.k8s.io/v1:Ingress/web", { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } })
      ).metadata;

      // Later drift is corrected after what came before it.
      await scenario.edit("ConfigMap/one", { data: { value: "by hand" } });
      await until("ConfigMap/one", "to be as declared", (object) => dataOf(object)?.["value"] === "1");

      assert.equal((await get("networking.k8s.io/v1:Ingress/web"))?.metadata.resourceVersion, resourceVersion);
      const told = postedAbout(scenario, "Kustomization/app").map(({ message }) => message);
      const about = told.filter((message) => message.includes("Ingress/"));
      assert.equal(about.length, 1, about.join("\n"));
    },
  );

  testBeyondFlux(
    () => harness,
    "drift during suspension is corrected when the Kustomization is resumed",
    async () => {
      await using scenario = await startScenario(harness, "drift-suspended");
      await deploy(scenario, { ...one, "other/two.yaml": configMap("two") });
      await scenario.apply(kustomization("other", "  path: ./other\n  prune: true"));
      await scenario.untilReady("Kustomization/other");
      await scenario.edit("Kustomization/app", { spec: { suspend: true } });
      await scenario.edit("ConfigMap/one", { data: { value: "by hand" } });
      await scenario.delete("ConfigMap/two");
      await scenario.until("ConfigMap/two", "to be back", () => true);
      assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "by hand");

      await scenario.edit("Kustomization/app", { spec: { suspend: false } });

      await scenario.until("ConfigMap/one", "to be as declared", (object) => dataOf(object)?.["value"] === "1");
    },
  );

  testBeyondFlux(
    () => harness,
    "a controller that keeps reverting a field is corrected with a backoff",
    async () => {
      await using scenario = await startScenario(harness, "drift-contention");
      const { get, until } = scenario;
      await deploy(scenario, one);
      const end = performance.now() + contentionMs;
      let corrections = 0;
      while (performance.now() < end) {
        await changeAs(scenario, "rival", "one", { data: { value: "theirs" } });
        const isOurs = async () => performance.now() > end || dataOf(await get("ConfigMap/one"))?.["value"] === "1";
        await eventually(isOurs, { what: "a correction" });
        corrections += 1;
      }
      await until("ConfigMap/one", "to be as declared", (object) => dataOf(object)?.["value"] === "1");
      // Twenty at once, and then after one, two and four seconds.
      assert.ok(corrections >= 3 && corrections <= 23, `${corrections} corrections in ${contentionMs} ms`);
    },
  );

  test("an undeclared field belongs to the manager that set it", async () => {
    await using scenario = await startScenario(harness, "drift-foreign");
    await deploy(scenario, one);
    await changeAs(scenario, "autoscaler", "one", { data: { scaled: "5" }, metadata: { annotations: { note: "x" } } });
    await rerun(scenario);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1", scaled: "5" });
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.annotations?.["note"], "x");
  });

  test("what kubectl has set is taken over, and away", async () => {
    await using scenario = await startScenario(harness, "drift-kubectl");
    await deploy(scenario, one);
    await changeAs(scenario, "kubectl-edit", "one", { data: { added: "x" } });
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
    await changeAs(scenario, "kubectl-edit", "one", { data: { added: "x" } });
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
    await changeAs(scenario, "somebody", "one", { data: { value: "theirs" } });
    await rerun(scenario);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "theirs" });
    await scenario.delete("ConfigMap/one");
    await rerun(scenario);
    await scenario.until("ConfigMap/one", "to be back", (object) => dataOf(object)?.["value"] === "1");
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

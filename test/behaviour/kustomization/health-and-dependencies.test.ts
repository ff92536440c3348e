/** Kustomization: spec.wait, spec.healthChecks, spec.timeout, spec.force and spec.dependsOn. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { denyByPolicy } from "../../harness/admission.ts";
import { declare, deploy, postedAbout, push, rerun, roll } from "../../harness/deploy.ts";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, deployment, gitRepository, job, kustomization } from "../../harness/manifests.ts";
import { conditionOf, startScenario, statusOf } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const waiting = (timeout: string) => `  path: ./app\n  prune: true\n  wait: true\n  timeout: ${timeout}`;

const imageOf = (object: unknown) => JSON.stringify(object).match(/"image":"([^"]+)"/)?.[1];

suite("health", { concurrency: 4 }, () => {
  test("wait: ready once the Deployment's pods are", async () => {
    await using scenario = await startScenario(harness, "wait-ready");
    await deploy(scenario, { "app/web.yaml": deployment("web") }, waiting("60s"));
    const { readyReplicas } = ((await scenario.get("Deployment/web"))?.["status"] ?? {}) as { readyReplicas?: number };
    assert.equal(readyReplicas, 1);
    assert.equal(conditionOf(await scenario.get("Kustomization/app"), "Healthy")?.status, "True");
  });

  test("wait: in progress meanwhile, failed when time is up, ready when it gets well", async () => {
    await using scenario = await startScenario(harness, "wait-fails");
    await declare(scenario, { "app/web.yaml": deployment("web", "unschedulable") }, waiting("3s"));
    await scenario.untilCondition("Kustomization/app", { type: "Reconciling", status: "True", reason: "Progressing" });
    const failed = await scenario.untilCondition("Kustomization/app", {
      type: "Healthy",
      status: "False",
      reason: "HealthCheckFailed",
    });
    assert.match(conditionOf(failed, "Ready")?.message ?? "", new RegExp(`Deployment/${scenario.namespace}/web`));
    assert.equal(statusOf(failed).lastAppliedRevision, undefined);
    await roll(scenario, { "app/web.yaml": deployment("web") });
  });

  test("healthChecks: an object of somebody else is waited for", async () => {
    await using scenario = await startScenario(harness, "wait-foreign");
    const spec =
      "  path: ./app\n  prune: true\n  timeout: 60s\n  healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: other, namespace: {{ns}}}]";
    await declare(scenario, { "app/one.yaml": configMap("one") }, spec);
    await scenario.untilCondition("Kustomization/app", { type: "Reconciling", status: "True", reason: "Progressing" });
    await scenario.apply(deployment("other"));
    await scenario.untilReady("Kustomization/app");
  });

  test("wait: a Job that has failed is not waited for any longer", async () => {
    await using scenario = await startScenario(harness, "wait-failed");
    const failing = job("job", "example.org/job:1", { fails: true });
    await declare(scenario, { "app/job.yaml": failing }, waiting("10m"));
    const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "HealthCheckFailed" });
    assert.match(conditionOf(failed, "Ready")?.message ?? "", new RegExp(`Job/${scenario.namespace}/job`));
  });

  test("wait: what left the source goes without waiting for the rest", async () => {
    await using scenario = await startScenario(harness, "wait-prune");
    await deploy(scenario, { "app/one.yaml": configMap("one") }, waiting("10m"));
    await push(scenario, { "app/one.yaml": null, "app/web.yaml": deployment("web", "unschedulable") });
    await scenario.untilGone("ConfigMap/one");
    assert.equal((await scenario.get("Deployment/web"))?.metadata.name, "web");
  });

  test("wait: an object that is left alone is not looked at; Healthy goes with the wish", async () => {
    await using scenario = await startScenario(harness, "wait-ignored");
    const ignored = deployment("web", "unschedulable").replace(
      "metadata: {name: web,",
      "metadata: {annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}, name: web,",
    );
    await scenario.apply(ignored);
    await deploy(scenario, { "app/web.yaml": ignored, "app/one.yaml": configMap("one") }, waiting("60s"));
    assert.equal(conditionOf(await scenario.get("Kustomization/app"), "Healthy")?.status, "True");

    await scenario.edit("Kustomization/app", { spec: { wait: false } });
    await scenario.until("Kustomization/app", "not to say Healthy", (object) => !conditionOf(object, "Healthy"));
  });

  testBeyondFlux(
    () => harness,
    "what was unhealthy for too long is ready as soon as it is well, whatever the retry interval",
    async () => {
      await using scenario = await startScenario(harness, "wait-heals");
      const check = "healthChecks: [{apiVersion: v1, kind: ConfigMap, name: gate, namespace: {{ns}}}]";
      const spec = `  path: ./app\n  prune: true\n  timeout: 1s\n  ${check}`;
      await declare(scenario, { "app/one.yaml": configMap("one") }, spec);
      await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "HealthCheckFailed" });
      await scenario.apply(configMap("gate"));
      await scenario.untilReady("Kustomization/app");
    },
  );

  testBeyondFlux(
    () => harness,
    "a new revision overtakes a run that waits for health",
    async () => {
      await using scenario = await startScenario(harness, "wait-overtaken");
      await declare(scenario, { "app/web.yaml": deployment("web", "unschedulable") }, waiting("10m"));
      await scenario.untilCondition("Kustomization/app", { type: "Healthy", status: "Unknown" });
      const started = performance.now();
      await roll(scenario, { "app/web.yaml": deployment("web") });
      assert.ok(performance.now() - started < 15_000);
    },
  );

  testBeyondFlux(
    () => harness,
    "more reconciliations that wait than --concurrent allows, 8, hold nobody up",
    async () => {
      await using scenario = await startScenario(harness, "wait-many");
      const names = Array.from({ length: 12 }, (_, index) => `stuck-${index}`);
      await scenario.commit({
        ...Object.fromEntries(names.map((name) => [`${name}/web.yaml`, deployment(name, "unschedulable")])),
        "app/one.yaml": configMap("one"),
      });
      const stuck = names.map((name) => kustomization(name, waiting("10m").replace("./app", `./${name}`)));
      await scenario.apply(gitRepository() + stuck.join(""));
      await Promise.all(
        names.map((name) => scenario.untilCondition(`Kustomization/${name}`, { type: "Healthy", status: "Unknown" })),
      );
      await scenario.apply(kustomization());
      await scenario.untilReady("Kustomization/app");
    },
  );
});

suite("force", { concurrency: 4 }, () => {
  test("replaces an object whose change is not permitted, where the spec asks for it", async () => {
    await using scenario = await startScenario(harness, "force");
    await deploy(
      scenario,
      { "app/job.yaml": job("job", "example.org/job:1") },
      "  path: ./app\n  prune: true\n  force: true",
    );
    const before_ = (await scenario.get("Job/job"))?.metadata.uid;
    await roll(scenario, { "app/job.yaml": job("job", "example.org/job:2") });
    const replaced = await scenario.get("Job/job");
    assert.equal(imageOf(replaced), "example.org/job:2");
    assert.notEqual(replaced?.metadata.uid, before_);
  });

  test("replaces an object that asks for it by its annotation", async () => {
    await using scenario = await startScenario(harness, "force-annotated");
    const annotated = (image: string) =>
      job("job", image, { annotations: "{kustomize.toolkit.fluxcd.io/force: enabled}" });
    await deploy(scenario, { "app/job.yaml": annotated("example.org/job:1") });
    await roll(scenario, { "app/job.yaml": annotated("example.org/job:2") });
    assert.equal(imageOf(await scenario.get("Job/job")), "example.org/job:2");
  });

  test("is not needed for what can be changed", async () => {
    await using scenario = await startScenario(harness, "force-unneeded");
    await deploy(scenario, { "app/one.yaml": configMap("one") }, "  path: ./app\n  prune: true\n  force: true");
    const uid = (await scenario.get("ConfigMap/one"))?.metadata.uid;
    await roll(scenario, { "app/one.yaml": configMap("one", "2") });
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.uid, uid);
  });
});

suite("an object that is not there yet", () => {
  test("is rejected, never recreated, though the words are those of an immutable field", async () => {
    await using scenario = await startScenario(harness, "force-absent");
    await denyByPolicy(scenario, { operations: "CREATE", permits: "false", message: "field is immutable" });
    const spec = "  path: ./app\n  prune: true\n  force: true";
    await declare(scenario, { "app/one.yaml": configMap("one"), "app/two.yaml": configMap("two") }, spec);
    const rejected = await scenario.untilCondition("Kustomization/app", {
      type: "Ready",
      reason: "ReconciliationFailed",
    });
    assert.match(conditionOf(rejected, "Ready")?.message ?? "", /field is immutable/);
    assert.equal(await scenario.get("ConfigMap/one"), undefined);
  });
});

suite("dependsOn", { concurrency: 4 }, () => {
  const chained = (name: string, on: string) =>
    kustomization(name, `  path: ./${name}\n  prune: true\n  dependsOn: [{name: ${on}}]`);

  test("waits until the dependency is ready at the same revision", async () => {
    await using scenario = await startScenario(harness, "depends");
    const files = { "a/one.yaml": configMap("one"), "app/two.yaml": configMap("two") };
    await scenario.commit(files);
    await scenario.apply(gitRepository() + kustomization("a", "  path: ./a\n  prune: true") + chained("app", "a"));
    await scenario.untilReady("Kustomization/app");
    const broken = await push(scenario, { "a/one.yaml": "a: [", "app/two.yaml": configMap("two", "2") });
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "DependencyNotReady" });
    assert.ok(!statusOf(await scenario.get("Kustomization/app")).lastAppliedRevision?.endsWith(broken));
    const fixed = await push(scenario, { "a/one.yaml": configMap("one", "2") });
    await scenario.untilReady("Kustomization/a", fixed);
    if (harness.stack.name !== "leat") await scenario.request("Kustomization/app");
    await scenario.untilReady("Kustomization/app", fixed);
  });

  test("two that depend on each other wait, and hold nobody else up", async () => {
    await using scenario = await startScenario(harness, "depends-cycle");
    await scenario.commit({
      "a/one.yaml": configMap("one"),
      "b/two.yaml": configMap("two"),
      "app/three.yaml": configMap("three"),
    });
    await scenario.apply(gitRepository() + chained("a", "b") + chained("b", "a") + kustomization());
    await scenario.untilReady("Kustomization/app");
    for (const name of ["a", "b"])
      await scenario.untilCondition(`Kustomization/${name}`, { type: "Ready", reason: "DependencyNotReady" });
  });

  testBeyondFlux(
    () => harness,
    "the message names the circle of those that depend on each other",
    async () => {
      await using scenario = await startScenario(harness, "depends-circle");
      await scenario.commit({ "a/one.yaml": configMap("one"), "b/two.yaml": configMap("two") });
      await scenario.apply(gitRepository() + chained("a", "b") + chained("b", "a"));
      const [a, b] = ["a", "b"].map((name) => `Kustomization/${scenario.namespace}/${name}`);
      const circle = `; they wait for each other: ${a} -> ${b} -> ${a}`;
      await scenario.until("Kustomization/a", "to name the circle", (object) =>
        String(conditionOf(object, "Ready")?.message).endsWith(circle),
      );
    },
  );

  testBeyondFlux(
    () => harness,
    "a chain of five is through as fast as its links",
    async () => {
      await using scenario = await startScenario(harness, "depends-chain");
      const links = ["a", "b", "c", "d", "e"];
      await scenario.commit(Object.fromEntries(links.map((link) => [`${link}/one.yaml`, configMap(link)])));
      const declared = links.map((link, index) =>
        index === 0 ? kustomization("a", "  path: ./a\n  prune: true") : chained(link, links[index - 1] ?? ""),
      );
      await scenario.apply(gitRepository() + declared.join(""));
      await scenario.untilReady("Kustomization/e");
      const waits = postedAbout(scenario, "Kustomization/e").filter(({ reason }) => reason === "DependencyNotReady");
      assert.ok(waits.length <= 5);
      await rerun(scenario, "Kustomization/e");
    },
  );
});

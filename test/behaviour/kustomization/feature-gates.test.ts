/** Feature gates of the kustomize controller. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { dataOf, declare, declareDependent, deploy, push, rerun } from "../../harness/deploy.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { configMap, deployment, job, kustomization } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";

const gates = [
  "AdditiveCELDependencyCheck=true",
  "DisableConfigWatchers=true",
  "DisableFailFastBehavior=true",
  "StrictPostBuildSubstitutions=false",
];

let harness: OwnHarness;
before(async () => {
  const args = { "kustomize-controller": [`--feature-gates=${gates.join(",")}`] };
  harness = await startHarness({ controlPlane: { kwokNodes: 2 }, args });
});
after(() => harness[Symbol.asyncDispose]());

suite("AdditiveCELDependencyCheck", { concurrency: 4 }, () => {
  const waits = (scenario: Scenario) =>
    scenario.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason: "DependencyNotReady" });

  test("an expression that is true does not make up for a dependency that is not ready", async () => {
    await using scenario = await startScenario(harness, "gate-true");
    await declareDependent(scenario, "dep.metadata.name == 'base'", "a: [");
    await scenario.untilCondition("Kustomization/base", { type: "Ready", reason: "BuildFailed" });
    await waits(scenario);
    assert.equal(await scenario.get("ConfigMap/two"), undefined);

    await push(scenario, { "base/one.yaml": configMap("one") });
    await scenario.untilReady("Kustomization/base");
    await rerun(scenario);
    assert.ok(await scenario.get("ConfigMap/two"));
  });

  test("a dependency that is ready does not make up for an expression that is false", async () => {
    await using scenario = await startScenario(harness, "gate-false");
    await declareDependent(
      scenario,
      "has(dep.metadata.labels) && dep.metadata.labels.approved == 'yes'",
      configMap("one"),
    );
    await scenario.untilReady("Kustomization/base");
    await waits(scenario);

    await scenario.edit("Kustomization/base", { metadata: { labels: { approved: "yes" } } });
    await rerun(scenario);
    assert.ok(await scenario.get("ConfigMap/two"));
  });
});

suite("DisableFailFastBehavior", { concurrency: 2 }, () => {
  test("what has failed does not end the wait for what is in progress", async () => {
    await using scenario = await startScenario(harness, "gate-slow");
    const files = {
      "app/job.yaml": job("job", "example.org/job:1", { fails: true }),
      "app/web.yaml": deployment("web", "unready"),
    };
    await declare(scenario, files, "  path: ./app\n  prune: true\n  wait: true\n  timeout: 6s");
    const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "HealthCheckFailed" });
    const message = conditionOf(failed, "Ready")?.message ?? "";
    // Without the gate the failed Job would have ended it at once.
    assert.match(message, new RegExp(`time(d )?out.*Job/${scenario.namespace}/job`));
  });
});

test("StrictPostBuildSubstitutions, off: a variable that is not set is empty", async () => {
  await using scenario = await startScenario(harness, "gate-empty");
  const spec = "  path: ./app\n  prune: true\n  postBuild: {substitute: {who: me}}";
  await deploy(scenario, { "app/one.yaml": configMap("one", "${who} ${missing}.") }, spec);
  assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "me .");
});

test("DisableConfigWatchers: a change of a labelled ConfigMap is seen with the next run", async () => {
  await using scenario = await startScenario(harness, "gate-unwatched");
  await scenario.apply(`apiVersion: v1
kind: ConfigMap
metadata: {name: vars, labels: {reconcile.fluxcd.io/watch: Enabled}}
data: {who: me}
`);
  const spec = "  path: ./app\n  prune: true\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}";
  await deploy(scenario, { "app/one.yaml": configMap("one", "${who}"), "other/two.yaml": configMap("two") }, spec);
  await scenario.edit("ConfigMap/vars", { data: { who: "you" } });
  await scenario.apply(kustomization("other", "  path: ./other\n  prune: true"));
  await scenario.untilReady("Kustomization/other");
  assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "me");
  await rerun(scenario);
  assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "you");
});

/** Kustomization: what the feature gates of the controller change. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { outcomeAnnotation } from "@leat/testing";
import { dataOf, declare, deploy, push, rerun } from "../../harness/deploy.ts";
import { type Harness, startHarness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";

const gates = [
  "AdditiveCELDependencyCheck=true",
  "DisableConfigWatchers=true",
  "DisableFailFastBehavior=true",
  "StrictPostBuildSubstitutions=false",
];

let harness: Harness;
before(async () => {
  const args = { "kustomize-controller": [`--feature-gates=${gates.join(",")}`] };
  harness = await startHarness({ controlPlane: { kwokNodes: 2 }, args });
});
after(() => harness[Symbol.asyncDispose]());

suite("AdditiveCELDependencyCheck", { concurrency: 4 }, () => {
  /** `app`, which depends on `base` by this expression too. */
  async function chained(scenario: Scenario, readyExpr: string, base: string): Promise<void> {
    await scenario.commit({ "base/one.yaml": base, "app/two.yaml": configMap("two") });
    const dependsOn = `  dependsOn:\n  - name: base\n    readyExpr: ${JSON.stringify(readyExpr)}`;
    await scenario.apply(
      gitRepository() +
        kustomization("base", "  path: ./base\n  prune: true") +
        kustomization("app", `  path: ./app\n  prune: true\n${dependsOn}`),
    );
  }
  const waits = (scenario: Scenario) =>
    scenario.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason: "DependencyNotReady" });

  test("an expression that is true does not make up for a dependency that is not ready", async () => {
    await using scenario = await startScenario(harness, "gate-true");
    await chained(scenario, "dep.metadata.name == 'base'", "a: [");
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
    await chained(scenario, "has(dep.metadata.labels) && dep.metadata.labels.approved == 'yes'", configMap("one"));
    await scenario.untilReady("Kustomization/base");
    await waits(scenario);

    await scenario.edit("Kustomization/base", { metadata: { labels: { approved: "yes" } } });
    await rerun(scenario);
    assert.ok(await scenario.get("ConfigMap/two"));
  });
});

suite("DisableFailFastBehavior", { concurrency: 2 }, () => {
  const podOf = (outcome: string, restartPolicy: string) => `template:
    metadata: {labels: {app: app}, annotations: {${outcomeAnnotation}: ${outcome}}}
    spec: {restartPolicy: ${restartPolicy}, containers: [{name: app, image: "example.org/app:1"}]}
`;
  const failing = `apiVersion: batch/v1
kind: Job
metadata: {name: job, namespace: "{{ns}}"}
spec:
  backoffLimit: 0
  ${podOf("failed", "Never")}`;
  const unready = `apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: "{{ns}}"}
spec:
  selector: {matchLabels: {app: app}}
  ${podOf("unready", "Always")}`;

  test("what has failed does not end the wait for what is in progress", async () => {
    await using scenario = await startScenario(harness, "gate-slow");
    const files = { "app/job.yaml": failing, "app/app.yaml": unready };
    await declare(scenario, files, "  path: ./app\n  prune: true\n  wait: true\n  timeout: 6s");
    const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "HealthCheckFailed" });
    const message = conditionOf(failed, "Ready")?.message ?? "";
    assert.match(message, new RegExp(`^health check timed out after .*: .*Job/${scenario.namespace}/job`));
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

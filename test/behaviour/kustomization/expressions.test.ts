/** Kustomization: CEL expressions in spec.healthCheckExprs and in spec.dependsOn[].readyExpr. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { declare, declareDependent, deploy } from "../../harness/deploy.ts";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, definition, gitRepository, kustomization } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario, statusOf } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
  await using scenario = await startScenario(harness, "definitions");
  await define(scenario, "expressions.example.org", "v1", "Widget");
});
after(() => harness[Symbol.asyncDispose]());

/** Installs a kind, and returns when it is served. */
async function define(scenario: Scenario, group: string, version: string, kind: string): Promise<void> {
  await scenario.apply(definition(group, version, kind));
  const name = `CustomResourceDefinition/${kind.toLowerCase()}s.${group}`;
  await scenario.until(name, "to be served", (object) => conditionOf(object, "Established")?.status === "True");
}

const widget = (name: string) => `apiVersion: expressions.example.org/v1
kind: Widget
metadata: {name: ${name}, namespace: "{{ns}}"}
spec: {size: 1}
`;

/** Waits for all objects, Widgets by these expressions. */
const waiting = (expressions: string, timeout = "60s") =>
  `  path: ./app\n  prune: true\n  wait: true\n  timeout: ${timeout}\n  healthCheckExprs:\n  - apiVersion: expressions.example.org/v1\n    kind: Widget\n${expressions
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n")}`;
const byPhase = `current: has(status.phase) && status.phase == 'Done'
failed: has(status.phase) && status.phase == 'Broken'`;

const isStalled = (scenario: Scenario) =>
  scenario.untilCondition("Kustomization/app", { type: "Stalled", status: "True", reason: "InvalidCELExpression" });

suite("healthCheckExprs", { concurrency: 4 }, () => {
  test("a kind is healthy when its expression says so", async () => {
    await using scenario = await startScenario(harness, "health-current");
    await declare(scenario, { "app/one.yaml": widget("one") }, waiting(byPhase));
    await scenario.until("expressions.example.org/v1:Widget/one", "to exist", () => true);
    await scenario.editStatus("expressions.example.org/v1:Widget/one", { phase: "Working" });
    await scenario.untilCondition("Kustomization/app", { type: "Reconciling", status: "True", reason: "Progressing" });
    await scenario.editStatus("expressions.example.org/v1:Widget/one", { phase: "Done" });
    const ready = await scenario.untilReady("Kustomization/app");
    assert.equal(conditionOf(ready, "Healthy")?.status, "True");
  });

  test("a failure is one at once, and names the object", async () => {
    await using scenario = await startScenario(harness, "health-failed");
    await declare(scenario, { "app/one.yaml": widget("one") }, waiting(byPhase, "10m"));
    await scenario.until("expressions.example.org/v1:Widget/one", "to exist", () => true);
    await scenario.editStatus("expressions.example.org/v1:Widget/one", { phase: "Broken" });
    const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "HealthCheckFailed" });
    assert.match(conditionOf(failed, "Ready")?.message ?? "", new RegExp(`Widget/${scenario.namespace}/one`));
  });

  test("what the object has not yet observed is in progress, whatever its expressions say", async () => {
    await using scenario = await startScenario(harness, "health-generation");
    await scenario.apply(widget("one"));
    await scenario.editStatus("expressions.example.org/v1:Widget/one", { observedGeneration: 0 });
    await declare(scenario, { "app/one.yaml": widget("one") }, waiting("current: 'true'", "2s"));
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "HealthCheckFailed" });
    await scenario.editStatus("expressions.example.org/v1:Widget/one", { observedGeneration: 1 });
    await scenario.request("Kustomization/app");
    await scenario.untilReady("Kustomization/app");
  });

  test("are asked again where they change and the objects do not", async () => {
    await using scenario = await startScenario(harness, "health-changed");
    await deploy(scenario, { "app/one.yaml": widget("one") }, waiting("current: spec.size == 1"));
    const healthCheckExprs = [{ apiVersion: "expressions.example.org/v1", kind: "Widget", current: "spec.size == 2" }];
    await scenario.edit("Kustomization/app", { spec: { healthCheckExprs, timeout: "2s" } });
    await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "HealthCheckFailed" });
  });

  test("are for a whole group where they name no kind, and for other versions too", async () => {
    await using scenario = await startScenario(harness, "health-group");
    const spec = waiting("current: spec.size == 1").replace("    kind: Widget\n", "").replace("org/v1", "org/v9");
    await deploy(scenario, { "app/one.yaml": widget("one") }, spec);
    assert.equal(conditionOf(await scenario.get("Kustomization/app"), "Healthy")?.status, "True");
  });

  test("are read with healthChecks too", async () => {
    await using scenario = await startScenario(harness, "health-checks");
    const checks =
      "healthChecks: [{apiVersion: expressions.example.org/v1, kind: Widget, name: theirs, namespace: {{ns}}}]";
    const spec = waiting(byPhase).replace("wait: true", checks);
    await declare(scenario, { "app/one.yaml": configMap("one") }, spec);
    await scenario.apply(widget("theirs"));
    await scenario.editStatus("expressions.example.org/v1:Widget/theirs", { phase: "Done" });
    await scenario.untilReady("Kustomization/app");
  });

  test("that cannot be read stall the Kustomization until its spec changes", async () => {
    await using scenario = await startScenario(harness, "health-invalid");
    await declare(scenario, { "app/one.yaml": widget("one") }, waiting("current: status.phase =="));
    const stalled = await isStalled(scenario);
    assert.equal(conditionOf(stalled, "Ready")?.reason, "InvalidCELExpression");
    await scenario.until("Kustomization/app", "to be done with", (object) => {
      return statusOf(object).observedGeneration === object.metadata.generation;
    });
    assert.equal(await scenario.get("expressions.example.org/v1:Widget/one"), undefined);

    const healthCheckExprs = [{ apiVersion: "expressions.example.org/v1", kind: "Widget", current: "spec.size == 1" }];
    await scenario.edit("Kustomization/app", { spec: { healthCheckExprs } });
    await scenario.untilReady("Kustomization/app");
  });

  test("of which two are for one kind stall the Kustomization", async () => {
    await using scenario = await startScenario(harness, "health-twice");
    const twice = `${waiting("current: 'true'")}\n  - apiVersion: expressions.example.org/v2\n    kind: Widget\n    current: 'true'`;
    await declare(scenario, { "app/one.yaml": widget("one") }, twice);
    assert.equal(conditionOf(await isStalled(scenario), "Ready")?.status, "False");
  });

  testBeyondFlux(
    () => harness,
    "that cannot be read are named by field, place and fault",
    async () => {
      await using scenario = await startScenario(harness, "health-message");
      await declare(scenario, { "app/one.yaml": widget("one") }, waiting("current: shout(status.phase) == 'X'"));
      const message = conditionOf(await isStalled(scenario), "Ready")?.message ?? "";
      assert.match(message, /^spec\.healthCheckExprs\[0\]\.current: 1:1: .*shout/);
    },
  );

  testBeyondFlux(
    () => harness,
    "that say nothing are told without what the object holds",
    async () => {
      await using scenario = await startScenario(harness, "health-secret");
      const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: one, namespace: "{{ns}}"}\nstringData: {key: hunter2}\n`;
      const current = `current: "{'a': true}[string(base64.decode(data.key))]"`;
      const spec = waiting(current, "1s").replace("expressions.example.org/v1", "v1").replace("Widget", "Secret");
      await declare(scenario, { "app/one.yaml": secret }, spec);
      const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "HealthCheckFailed" });
      assert.match(
        conditionOf(failed, "Ready")?.message ?? "",
        /healthCheckExprs\.current could not be evaluated: 1:1: no such key/,
      );
      assert.doesNotMatch(JSON.stringify(failed["status"]), /hunter2|aHVudGVyMg/);
    },
  );
});

suite("readyExpr", { concurrency: 4 }, () => {
  const waits = (scenario: Scenario) =>
    scenario.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason: "DependencyNotReady" });

  test("takes the place of the built-in check", async () => {
    await using scenario = await startScenario(harness, "expr-replaces");
    await declareDependent(
      scenario,
      "dep.status.conditions.exists(c, c.type == 'Ready' && c.reason == 'BuildFailed')",
      "a: [",
    );
    await scenario.untilCondition("Kustomization/base", { type: "Ready", reason: "BuildFailed" });
    if (harness.stack.name !== "leat") await scenario.request("Kustomization/app");
    await scenario.untilReady("Kustomization/app");
  });

  test("that is false is waited for, though the dependency is ready", async () => {
    await using scenario = await startScenario(harness, "expr-false");
    await declareDependent(scenario, "self.spec.path == dep.spec.path");
    await scenario.untilReady("Kustomization/base");
    await waits(scenario);
    assert.equal(await scenario.get("ConfigMap/two"), undefined);
  });

  test("that says nothing is waited for", async () => {
    await using scenario = await startScenario(harness, "expr-error");
    await declareDependent(scenario, "dep.metadata.labels['version'] == 'v2'");
    await waits(scenario);
    await scenario.edit("Kustomization/base", { metadata: { labels: { version: "v2" } } });
    if (harness.stack.name !== "leat") await scenario.request("Kustomization/app");
    await scenario.untilReady("Kustomization/app");
  });

  test("that cannot be read stalls the Kustomization", async () => {
    await using scenario = await startScenario(harness, "expr-invalid");
    await declareDependent(scenario, "dep.status.ready && other.status.ready");
    const stalled = await isStalled(scenario);
    assert.equal(conditionOf(stalled, "Ready")?.reason, "InvalidCELExpression");
  });

  testBeyondFlux(
    () => harness,
    "that cannot be read is named by field, place and fault",
    async () => {
      await using scenario = await startScenario(harness, "expr-message");
      await declareDependent(scenario, "dep.status.ready && other.status.ready");
      const message = conditionOf(await isStalled(scenario), "Ready")?.message;
      assert.equal(message, "spec.dependsOn[0].readyExpr: 1:21: Unknown variable: other");
    },
  );
});

suite("a HelmRelease as dependency", () => {
  const release = (name: string) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}}
spec: {interval: 10m}
---
`;
  const install = (scenario: Scenario) => define(scenario, "helm.toolkit.fluxcd.io", "v2", "HelmRelease");
  const dependent = (more = "") =>
    kustomization("app", `  path: ./app\n  prune: true\n  dependsOn:\n  - kind: HelmRelease\n    name: base${more}`);
  const released = (generation: number, status = "True") => ({
    observedGeneration: generation,
    conditions: [{ type: "Ready", status, reason: "InstallSucceeded", message: "installed" }],
  });
  const waits = async (scenario: Scenario, message: RegExp) =>
    scenario.until("Kustomization/app", `to wait: ${message}`, (object) => {
      const ready = conditionOf(object, "Ready");
      return ready?.reason === "DependencyNotReady" && message.test(ready.message);
    });

  testBeyondFlux(
    () => harness,
    "is waited for, also where nobody has installed the kind yet",
    async () => {
      await using scenario = await startScenario(harness, "release-unserved");
      await scenario.commit({ "app/one.yaml": configMap("one") });
      await scenario.apply(gitRepository() + dependent());
      await waits(scenario, /HelmRelease\/.*\/base does not exist/);
      await install(scenario);
      await scenario.apply(release("base"));
      await scenario.request("Kustomization/app");
      await waits(scenario, /has not been reconciled yet/);
      await scenario.editStatus("helm.toolkit.fluxcd.io/v2:HelmRelease/base", released(1));
      await scenario.untilReady("Kustomization/app");
    },
  );

  testBeyondFlux(
    () => harness,
    "counts once it is ready at the generation that is declared, and triggers its dependents at once",
    async () => {
      await using scenario = await startScenario(harness, "release-ready");
      await install(scenario);
      await scenario.commit({ "app/one.yaml": configMap("one") });
      await scenario.apply(release("base"));
      await scenario.editStatus("helm.toolkit.fluxcd.io/v2:HelmRelease/base", released(1, "False"));
      await scenario.apply(gitRepository() + dependent());
      await waits(scenario, /is not ready: InstallSucceeded/);
      const { metadata } = await scenario.edit("helm.toolkit.fluxcd.io/v2:HelmRelease/base", {
        spec: { interval: "5m" },
      });
      assert.equal(metadata.generation, 2);
      await scenario.editStatus("helm.toolkit.fluxcd.io/v2:HelmRelease/base", released(1));
      await scenario.request("Kustomization/app");
      await waits(scenario, /has not been reconciled yet/);
      await scenario.editStatus("helm.toolkit.fluxcd.io/v2:HelmRelease/base", released(2));
      await scenario.untilReady("Kustomization/app");
    },
  );

  testBeyondFlux(
    () => harness,
    "may be judged by an expression over all that it is",
    async () => {
      await using scenario = await startScenario(harness, "release-expr");
      await install(scenario);
      await scenario.commit({ "app/one.yaml": configMap("one") });
      const readyExpr = "dep.spec.interval == '10m' && dep.metadata.?labels.?gate.orValue('') == 'open'";
      await scenario.apply(
        release("base") + gitRepository() + dependent(`\n    readyExpr: ${JSON.stringify(readyExpr)}`),
      );
      await waits(scenario, /readyExpr evaluated to false/);
      await scenario.edit("helm.toolkit.fluxcd.io/v2:HelmRelease/base", { metadata: { labels: { gate: "open" } } });
      await scenario.untilReady("Kustomization/app");
    },
  );

  testBeyondFlux(
    () => harness,
    "is not mixed up with a Kustomization of its name",
    async () => {
      await using scenario = await startScenario(harness, "release-name");
      await install(scenario);
      await scenario.commit({ "app/one.yaml": configMap("one"), "base/two.yaml": configMap("two") });
      await scenario.apply(gitRepository() + kustomization("base", "  path: ./base\n  prune: true") + dependent());
      await scenario.untilReady("Kustomization/base");
      await waits(scenario, /HelmRelease\/.*\/base does not exist/);
      await scenario.edit("Kustomization/app", { spec: { dependsOn: [{ name: "base" }] } });
      await scenario.untilReady("Kustomization/app");
    },
  );
});

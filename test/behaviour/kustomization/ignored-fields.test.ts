/** Kustomization: fields that spec.ignore leaves to other managers. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, declare, deploy, rerun, roll } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const configMap = (name: string, managed: string, ignored: string) => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: "{{ns}}", labels: {app: ${name}}}
data: {managed: "${managed}", ignored: "${ignored}"}
`;
const files = (managed: string, ignored = "git") => ({
  "app/one.yaml": configMap("one", managed, ignored),
  "app/two.yaml": configMap("two", managed, ignored),
});
const ignoring = (rule: string) => `  path: ./app\n  prune: true\n  ignore:\n  - ${rule}`;
const everywhere = ignoring('paths: ["/data/ignored"]');

const valuesOf = async ({ get }: Scenario, name: string) => {
  const { managed, ignored } = dataOf(await get(`ConfigMap/${name}`)) ?? {};
  return [managed, ignored];
};

suite("a field that is ignored", { concurrency: 4 }, () => {
  test("has the declared value when its object is created", async () => {
    await using scenario = await startScenario(harness, "ignore-create");
    await deploy(scenario, files("v1"), everywhere);
    assert.deepEqual(await valuesOf(scenario, "one"), ["v1", "git"]);

    await scenario.delete("ConfigMap/one");
    await rerun(scenario);
    await scenario.until("ConfigMap/one", "to be created again", (object) => dataOf(object)?.["ignored"] === "git");
  });

  test("keeps what somebody else has set, through new revisions, while others are put back", async () => {
    await using scenario = await startScenario(harness, "ignore-keep");
    await deploy(scenario, files("v1"), everywhere);
    await scenario.edit("ConfigMap/one", { data: { ignored: "theirs" } });
    await roll(scenario, files("v2", "changed"));
    assert.deepEqual(await valuesOf(scenario, "one"), ["v2", "theirs"]);

    await scenario.edit("ConfigMap/one", { data: { managed: "tampered" } });
    await rerun(scenario);
    await scenario.until("ConfigMap/one", "to be put back", (object) => dataOf(object)?.["managed"] === "v2");
    assert.deepEqual(await valuesOf(scenario, "one"), ["v2", "theirs"]);
  });

  test("keeps all digits of an integer", async () => {
    await using scenario = await startScenario(harness, "ignore-integer");
    const job = (version: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: one, namespace: "{{ns}}", labels: {version: ${version}}}
spec:
  suspend: true
  activeDeadlineSeconds: 60
  template: {spec: {restartPolicy: Never, containers: [{name: app, image: "example.org/app:1"}]}}
`;
    await deploy(scenario, { "app/one.yaml": job("v1") }, ignoring('paths: ["/spec/activeDeadlineSeconds"]'));
    const theirs = { spec: { activeDeadlineSeconds: 1152921504606846977n } };
    await scenario.edit("batch/v1:Job/one", theirs);
    await roll(scenario, { "app/one.yaml": job("v2") });
    const object = await scenario.get("batch/v1:Job/one");
    assert.partialDeepStrictEqual(object, { ...theirs, metadata: { labels: { version: "v2" } } });
  });

  test("is one of the objects that the rule is for, and of no others", async () => {
    await using scenario = await startScenario(harness, "ignore-target");
    const target = "target: {kind: Config.*, name: one, labelSelector: app=one}";
    await deploy(scenario, files("v1"), ignoring(`{paths: ["/data/ignored"], ${target}}`));
    for (const name of ["one", "two"]) await scenario.edit(`ConfigMap/${name}`, { data: { ignored: "theirs" } });
    await roll(scenario, files("v2"));
    assert.deepEqual(await valuesOf(scenario, "one"), ["v2", "theirs"]);
    assert.deepEqual(await valuesOf(scenario, "two"), ["v2", "git"]);
  });

  test("is left to another applier", async () => {
    await using scenario = await startScenario(harness, "ignore-applier");
    const { kube, namespace } = scenario;
    await deploy(scenario, files("v1"), everywhere);
    const resource = await kube.resourceOf("v1", "ConfigMap");
    assert.ok(resource);
    const theirs = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "one", namespace },
      data: { ignored: "x" },
    };
    await kube.apply(resource, theirs, { fieldManager: "scaler", force: true });
    await roll(scenario, files("v2"));
    assert.deepEqual(await valuesOf(scenario, "one"), ["v2", "x"]);
    // Nobody else claims it, so that no force is needed.
    await kube.apply(resource, { ...theirs, data: { ignored: "y" } }, { fieldManager: "scaler" });
  });

  test("is put back when the rule goes", async () => {
    await using scenario = await startScenario(harness, "ignore-end");
    await deploy(scenario, files("v1"), everywhere);
    await scenario.edit("ConfigMap/one", { data: { ignored: "theirs" } });
    await rerun(scenario);
    assert.deepEqual(await valuesOf(scenario, "one"), ["v1", "theirs"]);
    await scenario.edit("Kustomization/app", { spec: { ignore: null } });
    await scenario.until("ConfigMap/one", "to be put back", (object) => dataOf(object)?.["ignored"] === "git");
  });

  testBeyondFlux(
    () => harness,
    "may change without end while other fields are put back at once",
    async () => {
      await using scenario = await startScenario(harness, "ignore-often");
      await deploy(scenario, files("v1"), everywhere);
      const { kube, namespace } = scenario;
      const resource = await kube.resourceOf("v1", "ConfigMap");
      assert.ok(resource);
      const ref = { resource, namespace, name: "one" };
      for (let round = 0; round < 30; round++) {
        const body = { data: { ignored: `theirs ${round}` } };
        await kube.patch(ref, { type: "merge", body }, { fieldManager: "scaler" });
      }
      await scenario.edit("ConfigMap/one", { data: { managed: "tampered" } });
      const isBack = (object: Parameters<typeof dataOf>[0]) => dataOf(object)?.["managed"] === "v1";
      await scenario.until("ConfigMap/one", "to be put back", isBack, 5000);
      assert.deepEqual(await valuesOf(scenario, "one"), ["v1", "theirs 29"]);
    },
  );

  const wrong: Array<[given: string, rule: string, message: RegExp]> = [
    ["a path that is not a valid JSON pointer", 'paths: ["data.ignored"]', /spec\.ignore\[0\]\.paths.*JSON pointer/],
    ["a pattern that is none", '{paths: ["/data"], target: {name: "("}}', /spec\.ignore\[0\]\.target\.name/],
    ["a selector that is none", '{paths: ["/data"], target: {labelSelector: "a b"}}', /target\.labelSelector/],
  ];
  for (const [given, rule, message] of wrong) {
    testBeyondFlux(
      () => harness,
      `by ${given}: nothing is applied, and the condition says what to change`,
      async () => {
        await using scenario = await startScenario(harness, "ignore-wrong");
        await declare(scenario, files("v1"), ignoring(rule));
        const rejected = await scenario.untilCondition("Kustomization/app", {
          type: "Ready",
          status: "False",
          reason: "ReconciliationFailed",
        });
        assert.match(conditionOf(rejected, "Ready")?.message ?? "", message);
        assert.equal(await scenario.get("ConfigMap/one"), undefined);
      },
    );
  }
});

/** What goes wrong outside has its condition, and its recovery once it is right again. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { eventually, type GitFaults, startGitServer } from "@leat/testing";
import { filesIn } from "../../harness/archive.ts";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { declare, deploy, push, rerun } from "../../harness/deploy.ts";
import { type Harness, startHarness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario, statusOf } from "../../harness/scenario.ts";

let harness: Harness;
before(async () => {
  harness = await startHarness({ args: { "kustomize-controller": ["--requeue-dependency=2s"] } });
});
after(() => harness[Symbol.asyncDispose]());

const one = { "app/one.yaml": configMap("one") };

suite("manifests that cannot be applied", { concurrency: 4 }, () => {
  const rows: Array<[about: string, file: string, reason: string, words: RegExp]> = [
    ["broken YAML", "a: [", "BuildFailed", /app\/two\.yaml/],
    ["a manifest without a kind", "apiVersion: v1\nmetadata: {name: two}\n", "BuildFailed", /app\/two\.yaml/],
    [
      "an unknown kind",
      'apiVersion: no.example.org/v1\nkind: Nope\nmetadata: {name: x, namespace: "{{ns}}"}\n',
      "ReconciliationFailed",
      /Nope/,
    ],
    ["a wrong type", configMap("two").replace('"1"', "[1]"), "ReconciliationFailed", /ConfigMap\/.*\/two/],
  ];
  for (const [about, file, reason, words] of rows) {
    test(`${about}: nothing is changed, the message says where; the fix heals it`, () => refused(file, reason, words));
  }

  testBeyondFlux(
    () => harness,
    "a field that the kind does not have is not dropped in silence: nothing is changed, the message says where",
    () => refused(`${configMap("two")}nope: true\n`, "ReconciliationFailed", /ConfigMap\/.*\/two.*nope/s),
  );

  test("what a policy of the cluster refuses is told with the object, its file and the policy's words", async () => {
    await using scenario = await startScenario(harness, "policy");
    await scenario.apply(policy(scenario.namespace));
    await eventually(() => isUnwelcome(scenario), { what: "the policy to be in force" });
    await deploy(scenario, one);

    await push(scenario, { "app/one.yaml": configMap("one", "2"), "app/two.yaml": configMap("two", "forbidden") });
    const failed = await scenario.untilCondition("Kustomization/app", {
      type: "Ready",
      status: "False",
      reason: "ReconciliationFailed",
    });
    const message = conditionOf(failed, "Ready")?.message ?? "";
    assert.match(message, new RegExp(`ConfigMap/${scenario.namespace}/two`));
    assert.match(message, /this value is not welcome/);
    if (harness.stack.name === "leat") assert.match(message, /app\/two\.yaml/);
    assert.deepEqual((await scenario.get("ConfigMap/one"))?.["data"], { value: "1" });
    assert.equal(await scenario.get("ConfigMap/two"), undefined);
  });
});

/** Adds the file to what is well and waits for the refusal; then mends it. */
async function refused(file: string, reason: string, words: RegExp): Promise<void> {
  await using scenario = await startScenario(harness, "broken");
  await deploy(scenario, one);

  await push(scenario, { "app/one.yaml": configMap("one", "2"), "app/two.yaml": file });
  const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason });
  assert.match(conditionOf(failed, "Ready")?.message ?? "", words);
  assert.deepEqual((await scenario.get("ConfigMap/one"))?.["data"], { value: "1" });

  const fix = await push(scenario, { "app/two.yaml": configMap("two") });
  await scenario.untilReady("Kustomization/app", fix);
  assert.deepEqual((await scenario.get("ConfigMap/one"))?.["data"], { value: "2" });
}

/** The API server takes note of a policy some time after it has taken it. */
async function isUnwelcome({ kube, namespace }: Scenario): Promise<boolean> {
  const resource = await kube.resourceOf("v1", "ConfigMap");
  assert.ok(resource);
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "probe", namespace },
    data: { value: "forbidden" },
  };
  const options = { fieldManager: "user", dryRun: true };
  return kube.create(resource, object, options).then(
    () => false,
    (error: Error) => error.message.includes("this value is not welcome"),
  );
}

/** Refuses ConfigMaps of the namespace with a certain value. */
function policy(namespace: string): string {
  return `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ${namespace}}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
  validations: [{expression: "!has(object.data) || !object.data.exists(k, object.data[k] == 'forbidden')", message: this value is not welcome}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ${namespace}}
spec:
  policyName: ${namespace}
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${namespace}}}}
`;
}

suite("a Git server", () => {
  const rows: Array<[about: string, faults: Parameters<Harness["git"]["setFaults"]>[0]]> = [
    ["that is too slow", { hang: true }],
    ["that sends garbage", { garbage: true }],
    ["that cuts connections", { cutAfterBytes: 10 }],
    ["that fails", { status: 500 }],
    ["that has lost the repository", { status: 404 }],
  ];
  for (const [about, faults] of rows) {
    test(`${about}: the last artifact stays, the fetch has failed; it recovers with the server`, async () => {
      await using scenario = await startScenario(harness, "server");
      const first = await scenario.commit(one);
      await scenario.apply(gitRepository("  ref: {branch: main}\n  timeout: 2s"));
      await scenario.untilReady("GitRepository/repo", first);

      harness.git.setFaults(faults);
      await scenario.request("GitRepository/repo");
      const failed = await scenario.untilCondition("GitRepository/repo", { type: "FetchFailed", status: "True" });
      assert.equal(conditionOf(failed, "Ready")?.status, "False");
      assert.equal(conditionOf(failed, "ArtifactInStorage")?.status, "True");
      harness.git.setFaults({});
      await scenario.untilReady("GitRepository/repo", first);
    });
  }

  test("that is not there: refused at once, found when it comes", async () => {
    await using scenario = await startScenario(harness, "gone");
    const first = await scenario.commit(one);
    await harness.git.stop();
    await scenario.apply(gitRepository());
    await scenario.untilCondition("GitRepository/repo", {
      type: "FetchFailed",
      status: "True",
      reason: "GitOperationFailed",
    });
    await harness.git.start();
    await scenario.untilReady("GitRepository/repo", first);
  });
});

suite("the parts of the cluster", () => {
  test("an API server that restarts: the next commit and the next hand edit are seen", async () => {
    await using scenario = await startScenario(harness, "restart");
    await deploy(scenario, one);
    await harness.controlPlane.restartApiServer();

    const next = await push(scenario, { "app/one.yaml": configMap("one", "2") });
    await scenario.untilReady("Kustomization/app", next);
    await scenario.edit("ConfigMap/one", { data: { value: "by hand" } });
    if (harness.stack.name !== "leat") await scenario.request("Kustomization/app");
    await scenario.until("ConfigMap/one", "to be as declared", ({ data }) => (data as { value: string }).value === "2");
  });

  test("an artifact that has disappeared is made again, and applied", async () => {
    await using scenario = await startScenario(harness, "storage");
    await declare(scenario, one);
    await scenario.untilReady("Kustomization/app");
    await harness.kill("source-controller");
    await harness.removeStorage();
    await harness.start("source-controller");
    const next = await push(scenario, { "app/one.yaml": configMap("one", "2") });
    await scenario.untilReady("Kustomization/app", next);
    await rerun(scenario);
  });

  test("an artifact that cannot be had is waited for; what is applied stays", async () => {
    await using scenario = await startScenario(harness, "not-served");
    await deploy(scenario, one);
    await scenario.edit("Kustomization/app", { spec: { suspend: true } });
    const next = await push(scenario, { "app/one.yaml": configMap("one", "2") });
    const { path } = statusOf(await scenario.get("GitRepository/repo")).artifact ?? assert.fail("there is no artifact");
    await rm(join(harness.directory, "storage", path));

    await scenario.edit("Kustomization/app", { spec: { suspend: false } });
    await scenario.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason: "ArtifactFailed" });
    assert.deepEqual((await scenario.get("ConfigMap/one"))?.["data"], { value: "1" });
    await rerun(scenario, "GitRepository/repo");
    await scenario.untilReady("Kustomization/app", next);
    assert.deepEqual((await scenario.get("ConfigMap/one"))?.["data"], { value: "2" });
  });

  test("without a source controller what is applied stays, and is kept", async () => {
    await using scenario = await startScenario(harness, "alone");
    await deploy(scenario, one);
    await harness.stop("source-controller");
    await scenario.delete("ConfigMap/one");
    if (harness.stack.name === "leat") await scenario.until("ConfigMap/one", "to be back", () => true);
    await harness.start("source-controller");
    await rerun(scenario, "GitRepository/repo");
    await rerun(scenario);
    assert.ok(await scenario.get("ConfigMap/one"));
  });
});

suite("a Git server in the middle of a fetch", { concurrency: 4 }, () => {
  // Refs are still listed; the content, which cannot be compressed, comes to no end.
  const rows: Array<[about: string, faults: GitFaults]> = [
    ["that is too slow", { bytesPerSecond: 40_000 }],
    ["that cuts the connection", { cutAfterBytes: 20_000 }],
  ];
  for (const [about, faults] of rows) {
    test(`${about}: the artifact before stays until the next is whole`, async () => {
      await using git = await startGitServer();
      await using scenario = await startScenario(harness, "half", git);
      const first = await scenario.commit(one);
      await scenario.apply(gitRepository("  ref: {branch: main}\n  timeout: 2s") + kustomization());
      await scenario.untilReady("Kustomization/app", first);
      git.setFaults({ ...faults, only: "git-upload-pack" });
      const second = await scenario.commit({ "app/one.yaml": configMap("one", "2"), bulk: randomBytes(1_000_000) });
      await scenario.request("GitRepository/repo");
      const failed = await scenario.untilCondition("GitRepository/repo", { type: "FetchFailed", status: "True" });
      const artifact = statusOf(failed).artifact ?? assert.fail("the artifact has gone");
      assert.equal(artifact.revision, `main@sha1:${first}`);
      assert.deepEqual(await filesIn(artifact), ["app/one.yaml"]);
      git.setFaults({});
      await scenario.untilReady("Kustomization/app", second);
    });
  }
});

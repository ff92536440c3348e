/**
 * Faults outside of the controllers (invalid manifests, admission policies, Git servers that fail): each has its
 * condition, and is recovered from.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, suite, test } from "node:test";
import { type GitFaults, startGitServer } from "@leat/testing";
import { deniedValue, denial, denyByPolicy } from "../../harness/admission.ts";
import { filesIn } from "../../harness/archive.ts";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { deploy, push } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { conditionOf, startScenario, statusOf } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
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
    test(`${about}: nothing is changed, the message says where; the fix heals it`, () => rejected(file, reason, words));
  }

  testBeyondFlux(
    () => harness,
    "a field that the kind does not have is not dropped in silence: nothing is changed, the message says where",
    () => rejected(`${configMap("two")}nope: true\n`, "ReconciliationFailed", /ConfigMap\/.*\/two.*nope/s),
  );

  test("what a policy of the cluster rejects is told with the object, its file and the policy's words", async () => {
    await using scenario = await startScenario(harness, "policy");
    await denyByPolicy(scenario);
    await deploy(scenario, one);

    await push(scenario, { "app/one.yaml": configMap("one", "2"), "app/two.yaml": configMap("two", deniedValue) });
    const failed = await scenario.untilCondition("Kustomization/app", {
      type: "Ready",
      status: "False",
      reason: "ReconciliationFailed",
    });
    const message = conditionOf(failed, "Ready")?.message ?? "";
    assert.match(message, new RegExp(`ConfigMap/${scenario.namespace}/two`));
    assert.match(message, new RegExp(denial));
    if (harness.stack.name === "leat") assert.match(message, /app\/two\.yaml/);
    assert.deepEqual((await scenario.get("ConfigMap/one"))?.["data"], { value: "1" });
    assert.equal(await scenario.get("ConfigMap/two"), undefined);
  });
});

/** Adds the file to what is well and waits for the rejection; then mends it. */
async function rejected(file: string, reason: string, words: RegExp): Promise<void> {
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

suite("a Git server", () => {
  const rows: Array<[about: string, faults: GitFaults]> = [
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

  test("that is not there: rejected at once, found when it comes", async () => {
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

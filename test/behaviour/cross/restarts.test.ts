/** Restarts and outages: controllers that stop or are killed, an API server that restarts, artifacts that are lost. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, declare, deploy, finishedAt, postedAbout, push, rerun, runsOf } from "../../harness/deploy.ts";
import { changeAs, driftEvents, driftMode, untilDrifted } from "../../harness/drift.ts";
import { configMap } from "../../harness/manifests.ts";
import { type OwnHarness, startHarness } from "../../harness/own-harness.ts";
import { conditionOf, startScenario, statusOf } from "../../harness/scenario.ts";
import { describedStack } from "../../harness/stack.ts";

const one = { "app/one.yaml": configMap("one") };
const two = { "app/two.yaml": configMap("two") };
const byHand = { data: { value: "by hand" } };
const programs = ["source-controller", "kustomize-controller"];
/** How long a controller may take to start on a busy machine, and to do its first run. */
const startMs = 60_000;

let harness: OwnHarness;
before(async () => {
  const described = await describedStack();
  const stack = { ...described, patienceMs: Math.max(described.patienceMs ?? 0, startMs) };
  const args = { "kustomize-controller": ["--requeue-dependency=2s"] };
  harness = await startHarness({ stack, start: false, args });
});
after(() => harness[Symbol.asyncDispose]());

// The first test starts the programs that the others need.
suite("controllers that start", () => {
  test("the kustomize controller runs alone and waits for an artifact", async () => {
    await using scenario = await startScenario(harness, "alone");
    await harness.start("kustomize-controller");
    await declare(scenario, one);
    await scenario.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason: "ArtifactFailed" });
    assert.equal(statusOf(await scenario.get("GitRepository/repo")).artifact, undefined);

    await harness.start("source-controller");

    await scenario.untilReady("Kustomization/app");
  });

  testBeyondFlux(
    () => harness,
    "a restart of both changes nothing and tells nothing",
    async () => {
      await using scenario = await startScenario(harness, "restart");
      const revision = `main@sha1:${await deploy(scenario, one)}`;
      await eventually(() => finishedAt(scenario).includes(revision), { what: "the revision to be told" });
      const versions = () =>
        Promise.all(["ConfigMap/one", "Kustomization/app"].map((subject) => scenario.get(subject)));
      const before_ = (await versions()).map((object) => object?.metadata.resourceVersion);
      const told = postedAbout(scenario, "Kustomization/app").length;
      const runs = await runsOf(scenario);

      await Promise.all(programs.map((name) => harness.stop(name)));
      await Promise.all(programs.map((name) => harness.start(name)));

      await eventually(async () => (await runsOf(scenario)) > runs, {
        what: "a run after the restart",
        timeoutMs: startMs,
      });
      assert.deepEqual(
        (await versions()).map((object) => object?.metadata.resourceVersion),
        before_,
      );
      assert.equal(postedAbout(scenario, "Kustomization/app").length, told);
    },
  );

  test("a commit while no controller runs is found at the start", async () => {
    await using scenario = await startScenario(harness, "missed");
    await deploy(scenario, one);
    await Promise.all(programs.map((name) => harness.stop(name)));
    const next = await scenario.commit({ "app/one.yaml": configMap("one", "2") });
    await scenario.request("GitRepository/repo");

    await Promise.all(programs.map((name) => harness.start(name)));

    await scenario.untilReady("Kustomization/app", next);
    assert.equal(dataOf(await scenario.get("ConfigMap/one"))?.["value"], "2");
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

suite("drift detection after a restart of the controller", () => {
  testBeyondFlux(
    () => harness,
    "tells what was changed and deleted before and meanwhile, and leaves it",
    async () => {
      await using scenario = await startScenario(harness, "restart-warn");
      const files = { ...one, ...two, "app/three.yaml": configMap("three"), "app/four.yaml": configMap("four") };
      await deploy(scenario, files, driftMode("warn"));
      await scenario.edit("ConfigMap/one", byHand);
      const earlier = await untilDrifted(scenario, /\/one/);
      await harness.stop("kustomize-controller");
      await changeAs(scenario, "rival", "two", byHand);
      await scenario.delete("ConfigMap/three");
      await harness.start("kustomize-controller");
      const message = await untilDrifted(scenario, /\/one: .*\n.*\/three: deleted\n.*\/two: .*rival/);
      assert.ok(earlier.split("\n").every((line) => message.includes(line)));
      await rerun(scenario);
      assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "by hand" });
      assert.deepEqual(dataOf(await scenario.get("ConfigMap/two")), { value: "by hand" });
      assert.equal(await scenario.get("ConfigMap/three"), undefined);
      assert.equal(conditionOf(await scenario.get("Kustomization/app"), "Ready")?.status, "True");
      const about = driftEvents(scenario, "DriftDetected").filter((event) => event.message.includes("/one:"));
      assert.equal(about.length, 1);
    },
  );

  testBeyondFlux(
    () => harness,
    "applies what changed in Git meanwhile, and leaves what others own by now",
    async () => {
      await using scenario = await startScenario(harness, "restart-roll");
      await deploy(scenario, { ...one, ...two }, driftMode("warn"));
      await harness.stop("kustomize-controller");
      await changeAs(scenario, "rival", "one", byHand);
      const sha = await push(scenario, { "app/two.yaml": configMap("two", "2"), "app/three.yaml": configMap("three") });
      await harness.start("kustomize-controller");
      await scenario.untilReady("Kustomization/app", sha);
      assert.deepEqual(dataOf(await scenario.get("ConfigMap/two")), { value: "2" });
      assert.deepEqual(dataOf(await scenario.get("ConfigMap/three")), { value: "1" });
      assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "by hand" });
      await untilDrifted(scenario, /\/one: \/data\/value, changed by rival/);
    },
  );

  testBeyondFlux(
    () => harness,
    "that is disabled puts nothing right",
    async () => {
      await using scenario = await startScenario(harness, "restart-disabled");
      await deploy(scenario, { ...one, ...two }, driftMode("disabled"));
      await scenario.edit("ConfigMap/one", byHand);
      await scenario.delete("ConfigMap/two");
      await harness.stop("kustomize-controller");
      await harness.start("kustomize-controller");
      await rerun(scenario);
      assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "by hand" });
      assert.equal(await scenario.get("ConfigMap/two"), undefined);
      assert.deepEqual(driftEvents(scenario, "DriftDetected"), []);
    },
  );
});

/** Kustomization: spec.interval, requested and triggered reconciliations, and the events of each. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import {
  dataOf,
  declare,
  deploy,
  finishedAt,
  handledOf,
  postedAbout,
  push,
  rerun,
  roll,
  runsOf,
} from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, gitRepository, kustomization } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario, statusOf } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const one = { "app/one.yaml": configMap("one") };
const prefix = "kustomize.toolkit.fluxcd.io";

/** As a controller does, whose fields are its own. */
async function setFinalizers({ kube, namespace }: Scenario, finalizers: string[] | null): Promise<void> {
  const ref = { resource: core.ConfigMap, namespace, name: "one" };
  await kube.patch(ref, { type: "merge", body: { metadata: { finalizers } } }, { fieldManager: "holder" });
}

suite("events", { concurrency: 4 }, () => {
  test("each revision is told as finished, also where none of its files is used", async () => {
    await using scenario = await startScenario(harness, "event-revision");
    const first = await deploy(scenario, one);
    const second = await roll(scenario, { "README.md": "nothing of the app\n" });
    const wanted = [`main@sha1:${first}`, `main@sha1:${second}`];
    await eventually(() => wanted.every((revision) => finishedAt(scenario).includes(revision)), {
      what: "both revisions to be told",
    });
    const applied = postedAbout(scenario, "Kustomization/app").filter(({ message }) => message.includes("ConfigMap/"));
    assert.equal(applied.length, 1);
  });

  test("name what was created, configured and deleted, by revision", async () => {
    await using scenario = await startScenario(harness, "event-changes");
    await deploy(scenario, { ...one, "app/two.yaml": configMap("two") });
    const next = await roll(scenario, { "app/one.yaml": configMap("one", "2"), "app/two.yaml": null });
    const told = (line: string) => () =>
      postedAbout(scenario, "Kustomization/app").some(
        ({ message, metadata }) =>
          message.split("\n").includes(line) && metadata?.[`${prefix}/revision`] === `main@sha1:${next}`,
      );
    const { namespace: ns } = scenario;
    await eventually(told(`ConfigMap/${ns}/one configured`), { what: "what was configured" });
    await eventually(told(`ConfigMap/${ns}/two deleted`), { what: "what was deleted" });
  });

  test("of a failure are errors with the revision", async () => {
    await using scenario = await startScenario(harness, "event-failure");
    const sha = await declare(scenario, { "app/one.yaml": "a: [" });
    const event = await harness.events.waitFor(
      ({ involvedObject, severity }) => involvedObject.namespace === scenario.namespace && severity === "error",
    );
    assert.equal(event.reason, "BuildFailed");
    assert.equal(event.metadata?.[`${prefix}/revision`], `main@sha1:${sha}`);
  });

  test("carry what the annotations of the Kustomization add", async () => {
    await using scenario = await startScenario(harness, "event-annotated");
    await scenario.commit(one);
    const annotated = kustomization().replace(
      "metadata: {name: app}",
      "metadata: {name: app, annotations: {event.toolkit.fluxcd.io/team: blue}}",
    );
    await scenario.apply(gitRepository() + annotated);
    const event = await harness.events.waitFor(
      ({ involvedObject: { kind, namespace } }) => kind === "Kustomization" && namespace === scenario.namespace,
    );
    assert.ok(Object.values(event.metadata ?? {}).includes("blue"), JSON.stringify(event.metadata));
  });
});

suite("runs", { concurrency: 4 }, () => {
  testBeyondFlux(
    () => harness,
    "at the interval, that find nothing to do, write nothing and tell nothing",
    async () => {
      await using scenario = await startScenario(harness, "interval");
      await scenario.commit(one);
      await scenario.apply(gitRepository() + kustomization().replace("interval: 10m", "interval: 1s"));
      const { metadata } = await scenario.untilReady("Kustomization/app");
      await eventually(async () => (await runsOf(scenario, "interval")) >= 3, { what: "three runs at the interval" });
      const after_ = await scenario.get("Kustomization/app");
      assert.equal(after_?.metadata.resourceVersion, metadata.resourceVersion);
      assert.equal(finishedAt(scenario).length, 1);
    },
  );

  test("at the interval are enough to correct drift", async () => {
    await using scenario = await startScenario(harness, "interval-repairs");
    await scenario.commit(one);
    await scenario.apply(gitRepository() + kustomization().replace("interval: 10m", "interval: 1s"));
    await scenario.untilReady("Kustomization/app");
    await scenario.delete("ConfigMap/one");
    await scenario.until("ConfigMap/one", "to be back", () => true);
  });

  test("asked for are answered for while the Kustomization stays ready", async () => {
    await using scenario = await startScenario(harness, "request");
    await deploy(scenario, one);
    for (let round = 0; round < 3; round++) await rerun(scenario);
    const object = await scenario.get("Kustomization/app");
    assert.equal(conditionOf(object, "Ready")?.status, "True");
    assert.equal(handledOf(object), "request-3");
  });

  testBeyondFlux(
    () => harness,
    "come at once when an artifact that could not be had is made again",
    async () => {
      await using scenario = await startScenario(harness, "run-artifact");
      await deploy(scenario, one);
      await scenario.edit("Kustomization/app", { spec: { suspend: true } });
      const next = await push(scenario, { "app/one.yaml": configMap("one", "2") });
      const { artifact } = statusOf(await scenario.get("GitRepository/repo"));
      assert.ok(artifact);
      await rm(join(harness.directory, "storage", artifact.path));
      await scenario.edit("Kustomization/app", { spec: { suspend: false } });
      await scenario.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason: "ArtifactFailed" });
      // Its time tells it from the one that was lost, and has whole seconds.
      const madeAt = Date.parse(artifact.lastUpdateTime);
      await eventually(() => Date.now() > madeAt + 1000, { what: "the next second" });

      await rerun(scenario, "GitRepository/repo");

      await scenario.untilReady("Kustomization/app", next);
    },
  );

  testBeyondFlux(
    () => harness,
    "of an older revision are cut short by a newer one",
    async () => {
      await using scenario = await startScenario(harness, "overtaken");
      const immutable = (value: string) => `${configMap("one", value)}immutable: true\n`;
      await deploy(scenario, { "app/one.yaml": immutable("1") }, "  path: ./app\n  prune: true\n  force: true");
      await setFinalizers(scenario, ["example.org/held"]);
      await push(scenario, { "app/one.yaml": immutable("2") });
      // It is to be recreated, and the run waits for its end.
      const isHeld = ({ metadata }: KubeObject) => metadata.deletionTimestamp !== undefined;
      await scenario.until("ConfigMap/one", "to be deleted", isHeld);

      await roll(scenario, { "app/one.yaml": null, "app/two.yaml": configMap("two") });

      const told = postedAbout(scenario, "Kustomization/app").filter(({ severity }) => severity === "error");
      assert.deepEqual(told, []);
      assert.ok(await scenario.get("ConfigMap/two"));
      await setFinalizers(scenario, null);
    },
  );

  test("of a change of the spec do not wait for the interval", async () => {
    await using scenario = await startScenario(harness, "spec");
    await deploy(scenario, { ...one, "other/two.yaml": configMap("two") });
    await scenario.edit("Kustomization/app", { spec: { path: "./other" } });
    await scenario.untilGone("ConfigMap/one");
    await scenario.untilReady("Kustomization/app");
    assert.ok(await scenario.get("ConfigMap/two"));
  });

  test("that fail leave what was applied before, and its revision", async () => {
    await using scenario = await startScenario(harness, "failing");
    const first = await deploy(scenario, one);
    await push(scenario, { "app/one.yaml": "a: [" });
    const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
    assert.equal(statusOf(failed).lastAppliedRevision, `main@sha1:${first}`);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1" });
  });
});

/** Kustomization: spec.driftDetection.mode (enabled, warn, disabled), the condition Drifted and its events. */
import assert from "node:assert/strict";
import { after, before, suite } from "node:test";
import type { KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, deploy, inventoryOf, postedAbout, rerun, roll } from "../../harness/deploy.ts";
import { changeAs, driftEvents, driftMode, untilDrifted } from "../../harness/drift.ts";
import { type Harness, readLogs } from "../../harness/harness.ts";
import { configMap, secret } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

function promise(name: string, run: () => Promise<void>): void {
  testBeyondFlux(() => harness, name, run);
}

const one = { "app/one.yaml": configMap("one") };
const two = { "app/two.yaml": configMap("two") };
const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

async function setMode({ edit }: Scenario, text: string): Promise<void> {
  await edit("Kustomization/app", { spec: { driftDetection: { mode: text } } });
}

async function untilUndrifted({ untilCondition }: Scenario): Promise<void> {
  await untilCondition("Kustomization/app", { type: "Drifted", status: "False", reason: "NoDriftDetected" });
}

async function untilTold(
  scenario: Scenario,
  reason: "DriftDetected" | "DriftCorrected",
  words: RegExp,
): Promise<string> {
  const event = await eventually(() => driftEvents(scenario, reason).find(({ message }) => words.test(message)), {
    what: `an event ${reason} that says ${words.source}`,
  });
  return event.message;
}

async function isReady({ get }: Scenario): Promise<boolean> {
  return conditionOf(await get("Kustomization/app"), "Ready")?.status === "True";
}

function ownerLabels({ namespace }: Scenario): Record<string, string> {
  return { "kustomize.toolkit.fluxcd.io/name": "app", "kustomize.toolkit.fluxcd.io/namespace": namespace };
}

const byHand = { data: { value: "by hand" } };

suite("drift detection that warns", { concurrency: 4 }, () => {
  promise("an edit is told without waiting for the interval, and left", async () => {
    await using scenario = await startScenario(harness, "warn-edit");
    await deploy(scenario, one, driftMode("warn"));
    await scenario.edit("ConfigMap/one", byHand);
    const message = await untilDrifted(scenario, /ConfigMap/);
    const line = `ConfigMap/${scenario.namespace}/one: /data/value, changed by kubectl-edit at ${time}`;
    assert.match(message, new RegExp(`^Drift detected \\(not corrected\\): ${line}$`));
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "by hand" });
    assert.ok(await isReady(scenario));
  });

  promise("one warning tells the object, the fields, who and when, and no value", async () => {
    await using scenario = await startScenario(harness, "warn-event");
    await deploy(scenario, one, driftMode("warn"));
    await scenario.edit("ConfigMap/one", { data: { value: "by hand", more: "x" }, metadata: { labels: { a: "b" } } });
    const line = `ConfigMap/${scenario.namespace}/one: /data/value, /data/more, /metadata/labels/a, changed by kubectl-edit at ${time}`;
    const message = await untilTold(scenario, "DriftDetected", /ConfigMap/);
    assert.match(message, new RegExp(`: ${line}$`));
    assert.doesNotMatch(message, /by hand/);
    await rerun(scenario);
    await rerun(scenario);
    const [event, ...others] = driftEvents(scenario, "DriftDetected");
    assert.equal(event?.severity, "error");
    assert.deepEqual(others, []);
  });

  promise("each further drift is told once, and the condition tells of all", async () => {
    await using scenario = await startScenario(harness, "warn-several");
    const { namespace } = scenario;
    await deploy(scenario, { ...one, ...two, "app/three.yaml": configMap("three") }, driftMode("warn"));
    await scenario.edit("ConfigMap/one", byHand);
    await untilDrifted(scenario, /\/one: \/data\/value/);
    await scenario.edit("ConfigMap/two", { metadata: { labels: { "kustomize.toolkit.fluxcd.io/name": null } } });
    await untilDrifted(scenario, /\/two: \/metadata\/labels\/kustomize\.toolkit\.fluxcd\.io~1name/);
    await scenario.delete("ConfigMap/three");
    const message = await untilDrifted(scenario, /\/three: deleted/);
    assert.equal(message.split("\n").length, 3);
    await untilTold(scenario, "DriftDetected", /\/three/);
    const subjects = driftEvents(scenario, "DriftDetected").map((event) => event.message.match(/ConfigMap\/\S+/g));
    assert.deepEqual(
      subjects,
      ["one", "two", "three"].map((name) => [`ConfigMap/${namespace}/${name}:`]),
    );
  });

  promise("what is deleted is told and not made again, and stays in the inventory", async () => {
    await using scenario = await startScenario(harness, "warn-delete");
    await deploy(scenario, { ...one, ...two }, `${driftMode("warn")}\n  wait: true\n  timeout: 30s`);
    await scenario.delete("ConfigMap/one");
    await untilDrifted(scenario, /\/one: deleted/);
    await rerun(scenario);
    assert.equal(await scenario.get("ConfigMap/one"), undefined);
    assert.ok(await isReady(scenario));
    assert.equal(inventoryOf(await scenario.get("Kustomization/app")).length, 2);
  });

  promise("drift outlives requests, changes of the spec, and revisions that change other objects", async () => {
    await using scenario = await startScenario(harness, "warn-stays");
    await deploy(scenario, { ...one, ...two }, driftMode("warn"));
    await scenario.edit("ConfigMap/one", byHand);
    const message = await untilDrifted(scenario, /\/one/);
    await rerun(scenario);
    await scenario.edit("Kustomization/app", { spec: { interval: "20m" } });
    await scenario.untilReady("Kustomization/app");
    await roll(scenario, { "app/two.yaml": configMap("two", "2") });
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/two")), { value: "2" });
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "by hand" });
    assert.equal(conditionOf(await scenario.get("Kustomization/app"), "Drifted")?.message, message);
    assert.equal(driftEvents(scenario, "DriftDetected").length, 1);
  });

  promise("a change in Git of a drifted object is applied, and the condition clears", async () => {
    await using scenario = await startScenario(harness, "warn-roll");
    await deploy(scenario, { ...one, ...two }, driftMode("warn"));
    await scenario.edit("ConfigMap/one", { data: { value: "by hand", more: "x" } });
    await scenario.delete("ConfigMap/two");
    await untilDrifted(scenario, /\/one: .*\n.*\/two: deleted/);
    await roll(scenario, { "app/one.yaml": configMap("one", "2"), "app/two.yaml": configMap("two", "2") });
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "2" });
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/two")), { value: "2" });
    await untilUndrifted(scenario);
  });

  promise("drift that is taken back by hand is drift no more, and is told again when it comes again", async () => {
    await using scenario = await startScenario(harness, "warn-revert");
    await deploy(scenario, { ...one, ...two }, driftMode("warn"));
    await scenario.delete("ConfigMap/two");
    for (const manager of ["kubectl-edit", "rival", "rival"]) {
      await changeAs(scenario, manager, "one", byHand);
      await untilDrifted(scenario, new RegExp(`/one: /data/value, changed by ${manager}`));
      await changeAs(scenario, manager, "one", { data: { value: "1" } });
      const message = await untilDrifted(scenario, /^[^\n]*\/two: deleted$/);
      assert.doesNotMatch(message, /\/one/);
    }
    await scenario.apply(configMap("two").replaceAll("{{ns}}", scenario.namespace));
    await scenario.edit("ConfigMap/two", { metadata: { labels: ownerLabels(scenario) } });
    await untilUndrifted(scenario);
    assert.ok(await isReady(scenario));
  });

  promise("fields that nobody declares may be anything", async () => {
    await using scenario = await startScenario(harness, "warn-foreign");
    await deploy(scenario, { ...one, ...two }, driftMode("warn"));
    await untilUndrifted(scenario);
    await changeAs(scenario, "autoscaler", "one", { data: { scaled: "5" }, metadata: { annotations: { note: "x" } } });
    await scenario.edit("ConfigMap/two", byHand);
    // What comes later is told after what came before.
    assert.doesNotMatch(await untilDrifted(scenario, /\/two/), /\/one/);
  });

  promise("who has removed a field, or taken it by force, is told", async () => {
    await using scenario = await startScenario(harness, "warn-who");
    const { namespace } = scenario;
    await deploy(scenario, { ...one, ...two }, driftMode("warn"));
    await changeAs(scenario, "remover", "one", { data: { value: null }, metadata: { annotations: { note: "x" } } });
    await untilDrifted(scenario, /\/one: \/data\/value, last written by remover at/);
    const resource = await scenario.kube.resourceOf("v1", "ConfigMap");
    assert.ok(resource);
    const metadata = { name: "two", namespace };
    const theirs = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { value: "theirs" } };
    await scenario.kube.apply(resource, theirs, { fieldManager: "rival", force: true });
    await untilDrifted(scenario, /\/two: \/data\/value, changed by rival at/);
  });

  promise("what is new in Git is created, and what has left it is deleted", async () => {
    await using scenario = await startScenario(harness, "warn-prune");
    await deploy(scenario, { ...one, ...two }, driftMode("warn"));
    await scenario.edit("ConfigMap/one", byHand);
    await untilDrifted(scenario, /\/one/);
    await roll(scenario, { "app/one.yaml": null, "app/three.yaml": configMap("three") });
    await scenario.until("ConfigMap/three", "to be there", () => true);
    await scenario.untilGone("ConfigMap/one");
    await untilUndrifted(scenario);
  });

  promise("of very many objects the first are named and the others counted", async () => {
    await using scenario = await startScenario(harness, "warn-many");
    const names = Array.from({ length: 25 }, (_, index) => `c${index + 10}`);
    await deploy(
      scenario,
      Object.fromEntries(names.map((name) => [`app/${name}.yaml`, configMap(name)])),
      driftMode("warn"),
    );
    await Promise.all(names.map((name) => scenario.edit(`ConfigMap/${name}`, byHand)));
    const message = await untilDrifted(scenario, /\nand 5 more$/);
    assert.equal(message.split("\n").length, 21);
    await scenario.edit("Kustomization/app", { spec: { driftDetection: { mode: "enabled" } } });
    await untilTold(scenario, "DriftCorrected", /\/c10: \/data\/value/);
  });

  promise("no value of a Secret is told or logged", async () => {
    await using scenario = await startScenario(harness, "warn-secret");
    const { namespace } = scenario;
    const declared = secret("s", { token: "declared-value" }).replace(
      "{name: s}",
      `{name: s, namespace: ${namespace}}`,
    );
    await deploy(scenario, { "app/s.yaml": declared }, driftMode("warn"));
    const value = Buffer.from("leaked-value").toString("base64");
    await scenario.edit("Secret/s", { data: { token: value, other: value } });
    await untilDrifted(scenario, /Secret\/\S+\/s: \/data\/token, \/data\/other, changed by/);
    await setMode(scenario, "enabled");
    await untilTold(scenario, "DriftCorrected", /Secret\/\S+\/s: \/data\/token/);
    const said = JSON.stringify([
      (await scenario.get("Kustomization/app"))?.["status"],
      postedAbout(scenario, "Kustomization/app"),
    ]);
    const log = await readLogs(harness, ["kustomize-controller"]);
    for (const text of ["declared-value", "leaked-value"]) {
      for (const written of [text, Buffer.from(text).toString("base64")]) {
        assert.ok(!said.includes(written), written);
        assert.ok(!log.includes(written), written);
      }
    }
  });
});

suite("drift detection with rules on what to ignore", { concurrency: 4 }, () => {
  promise("what is ignored is no drift, and the rest of the object is", async () => {
    await using scenario = await startScenario(harness, "ignore-paths");
    const ignore = `, ignore: [{paths: [/data/value], target: {kind: ConfigMap, name: o.*}}]`;
    await deploy(scenario, { ...one, ...two }, driftMode("warn", ignore));
    await scenario.edit("ConfigMap/one", byHand);
    await scenario.edit("ConfigMap/two", byHand);
    assert.doesNotMatch(await untilDrifted(scenario, /\/two: \/data\/value/), /\/one/);
    await scenario.edit("ConfigMap/one", { data: { more: "x" } });
    await untilDrifted(scenario, /\/one: \/data\/more, changed by/);
  });

  promise("a whole object can be ignored, until the rule goes", async () => {
    await using scenario = await startScenario(harness, "ignore-object");
    const ignore = `, ignore: [{paths: [""], target: {name: one}}]`;
    await deploy(scenario, { ...one, ...two }, driftMode("warn", ignore));
    await scenario.edit("ConfigMap/one", { data: { value: "by hand", more: "x" } });
    await scenario.edit("ConfigMap/two", byHand);
    assert.doesNotMatch(await untilDrifted(scenario, /\/two/), /\/one/);
    await scenario.edit("Kustomization/app", { spec: { driftDetection: { ignore: null } } });
    await untilDrifted(scenario, /\/one: \/data\/value, \/data\/more/);
  });

  promise("if drift is corrected, an object that differs only in ignored fields is left alone", async () => {
    await using scenario = await startScenario(harness, "ignore-enabled");
    await deploy(
      scenario,
      { ...one, ...two },
      driftMode("enabled", `, ignore: [{paths: [/data/value], target: {name: one}}]`),
    );
    await scenario.edit("ConfigMap/one", byHand);
    await scenario.edit("ConfigMap/two", byHand);
    await scenario.until("ConfigMap/two", "to be as declared", (object) => dataOf(object)?.["value"] === "1");
    await rerun(scenario);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "by hand" });
    assert.doesNotMatch(await untilTold(scenario, "DriftCorrected", /\/two/), /\/one/);
  });

  promise("a rule that cannot be read is named", async () => {
    await using scenario = await startScenario(harness, "ignore-wrong");
    await deploy(scenario, one, driftMode("warn"));
    const ignore = [{ paths: ["data.value"] }];
    await scenario.edit("Kustomization/app", { spec: { driftDetection: { ignore } } });
    await scenario.until("Kustomization/app", "to name the rule", (object) =>
      /spec\.driftDetection\.ignore\[0\]\.paths/.test(conditionOf(object, "Ready")?.message ?? ""),
    );
  });
});

suite("drift that is corrected", { concurrency: 4 }, () => {
  promise("is told with who had changed what and when, and leaves no condition", async () => {
    await using scenario = await startScenario(harness, "enabled-event");
    const { namespace } = scenario;
    await deploy(scenario, { ...one, ...two });
    await scenario.edit("ConfigMap/one", byHand);
    const changed = await untilTold(scenario, "DriftCorrected", /\/one/);
    const line = `ConfigMap/${namespace}/one: /data/value, changed by kubectl-edit at ${time}`;
    assert.match(changed, new RegExp(`^Drift corrected: ${line}$`));
    await scenario.delete("ConfigMap/two");
    const deleted = await untilTold(scenario, "DriftCorrected", /\/two/);
    assert.match(deleted, new RegExp(`: ConfigMap/${namespace}/two: deleted$`));
    assert.ok(driftEvents(scenario, "DriftCorrected").every(({ severity }) => severity === "info"));
    assert.equal(conditionOf(await scenario.get("Kustomization/app"), "Drifted"), undefined);
  });

  promise("is what was only told before, once the mode says so", async () => {
    await using scenario = await startScenario(harness, "enabled-again");
    await deploy(scenario, { ...one, ...two }, driftMode("warn"));
    await scenario.edit("ConfigMap/one", { data: { value: "by hand", more: "x" } });
    await scenario.delete("ConfigMap/two");
    await untilDrifted(scenario, /\/one: .*\n.*\/two: deleted/);
    await setMode(scenario, "enabled");
    const isCleared = (object: KubeObject) => conditionOf(object, "Drifted") === undefined;
    await scenario.until("Kustomization/app", "to tell of no drift", isCleared);
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "1" });
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/two")), { value: "1" });
    await untilTold(scenario, "DriftCorrected", /\/one: .*\n.*\/two: deleted/);
  });

  promise(
    "and comes again and again is reported as contention, once, with the object, the field and the manager",
    async () => {
      await using scenario = await startScenario(harness, "enabled-contention");
      const { namespace, get } = scenario;
      await deploy(scenario, one);
      const isContended = async () => conditionOf(await get("Kustomization/app"), "Drifted")?.status === "True";
      await eventually(
        async () => {
          if (dataOf(await get("ConfigMap/one"))?.["value"] === "1") {
            await changeAs(scenario, "rival", "one", { data: { value: "theirs" } });
          }
          return isContended();
        },
        { what: "the contention to be reported", timeoutMs: 30_000 },
      );
      const line = `ConfigMap/${namespace}/one: /data/value, changed by rival`;
      const message = await untilDrifted(scenario, /rival/);
      assert.match(message, new RegExp(`keeps reverting these objects.*: ${line}$`));
      await rerun(scenario);
      const [event, ...others] = driftEvents(scenario, "DriftDetected");
      assert.equal(event?.message, message);
      assert.deepEqual(others, []);
      assert.ok(await isReady(scenario));
    },
  );
});

suite("drift detection that is disabled", { concurrency: 4 }, () => {
  promise("neither reports nor corrects drift until Git changes the object", async () => {
    await using scenario = await startScenario(harness, "disabled");
    await deploy(scenario, { ...one, ...two, "app/three.yaml": configMap("three") }, driftMode("disabled"));
    await scenario.edit("ConfigMap/one", byHand);
    await scenario.edit("ConfigMap/two", byHand);
    await scenario.delete("ConfigMap/three");
    await rerun(scenario);
    await roll(scenario, { "app/two.yaml": configMap("two", "2") });
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "by hand" });
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/two")), { value: "2" });
    assert.equal(await scenario.get("ConfigMap/three"), undefined);
    assert.equal(conditionOf(await scenario.get("Kustomization/app"), "Drifted"), undefined);
    assert.deepEqual([...driftEvents(scenario, "DriftDetected"), ...driftEvents(scenario, "DriftCorrected")], []);
  });

  promise("reports the drift of the meantime with warn, and corrects it with enabled", async () => {
    await using scenario = await startScenario(harness, "disabled-warn");
    await deploy(scenario, { ...one, ...two }, driftMode("disabled"));
    await scenario.edit("ConfigMap/one", byHand);
    await scenario.delete("ConfigMap/two");
    await rerun(scenario);
    await setMode(scenario, "warn");
    await untilDrifted(scenario, /\/one: .*\n.*\/two: deleted/);
    await setMode(scenario, "disabled");
    const isCleared = (object: KubeObject) => conditionOf(object, "Drifted") === undefined;
    await scenario.until("Kustomization/app", "to tell of no drift", isCleared);
    await setMode(scenario, "enabled");
    await scenario.until("ConfigMap/two", "to be back", () => true);
    await scenario.until("ConfigMap/one", "to be as declared", (object) => dataOf(object)?.["value"] === "1");
  });
});

/** Kustomization: spec.postBuild, variables from the spec, ConfigMaps and Secrets. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core } from "@leat/api";
import { eventually } from "@leat/testing";
import { testBeyondFlux } from "../../harness/beyond-flux.ts";
import { dataOf, declare, deploy, inventoryOf, postedAbout, rerun } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, kustomization, secret } from "../../harness/manifests.ts";
import { conditionOf, type Files, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const watched = "reconcile.fluxcd.io/watch: Enabled";

/** A spec with `postBuild` as it is given, in flow style. */
const postBuild = (fields: string) => `  path: ./app\n  prune: true\n  postBuild: {${fields}}`;

/** A ConfigMap of variables; `data` in flow style. */
const variables = (name: string, data: string, label = "") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {${label}}}\ndata: {${data}}\n---\n`;

/** A ConfigMap whose value is written as it stands. */
const holding = (name: string, value: string, metadata = "") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: "{{ns}}"${metadata}}\ndata:\n  value: ${value}\n`;

const one = (value: string): Files => ({ "app/one.yaml": holding("one", value) });

async function valueOf({ get }: Scenario, subject = "ConfigMap/one"): Promise<string | undefined> {
  return dataOf(await get(subject))?.["value"];
}

async function untilValue({ until }: Scenario, value: string): Promise<void> {
  await until("ConfigMap/one", `to have the value ${value}`, (object) => dataOf(object)?.["value"] === value);
}

/** Waits for the run to have failed; gives the message. */
async function untilFailed({ untilCondition }: Scenario, reason = "BuildFailed"): Promise<string> {
  const failed = await untilCondition("Kustomization/app", { type: "Ready", status: "False", reason });
  return conditionOf(failed, "Ready")?.message ?? "";
}

suite("variables", { concurrency: 4 }, () => {
  test("come from ConfigMaps and Secrets in their order, and from the spec itself", async () => {
    await using scenario = await startScenario(harness, "vars-order");
    await scenario.apply(variables("first", "a: first, b: first, c: first, d: first"));
    await scenario.apply(secret("second", { b: "second", c: "second", d: "second" }));
    await scenario.apply(variables("third", "c: third, d: third"));
    const from =
      "substituteFrom: [{kind: ConfigMap, name: first}, {kind: Secret, name: second}, {kind: ConfigMap, name: third}]";
    await deploy(scenario, one("${a} ${b} ${c} ${d}"), postBuild(`${from}, substitute: {d: spec}`));
    assert.equal(await valueOf(scenario), "first second third spec");
  });

  test("lose their line breaks", async () => {
    await using scenario = await startScenario(harness, "vars-lines");
    await scenario.apply(secret("vars", { a: "\none\n  two\n" }));
    const from = "substituteFrom: [{kind: Secret, name: vars}]";
    await deploy(scenario, one("'[${a}] ${b}'"), postBuild(`${from}, substitute: {b: "x\\ny"}`));
    assert.equal(await valueOf(scenario), "[one  two] xy");
  });

  test("make numbers and booleans where they stand by themselves, and text where that is asked for", async () => {
    await using scenario = await startScenario(harness, "vars-types");
    const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: "{{ns}}"}
spec:
  replicas: \${count}
  paused: \${paused}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "example.org/web:1", args: ["--count=\${count}", "-\${word}"]}]}
`;
    const files = { ...one("${q}${count}${q}"), "app/web.yaml": web, "app/two.yaml": configMap("two", "${text}") };
    const substitute = `count: "3", paused: "true", q: '"', text: "!!str 5", word: it's`;
    await deploy(scenario, files, postBuild(`substitute: {${substitute}}`));
    const spec = (await scenario.get("Deployment/web"))?.["spec"];
    const containers = [{ args: ["--count=3", "-it's"] }];
    assert.partialDeepStrictEqual(spec, { replicas: 3, paused: true, template: { spec: { containers } } });
    assert.equal(await valueOf(scenario), "3");
    assert.equal(await valueOf(scenario, "ConfigMap/two"), "5");
  });

  test("may name objects: what had the old name goes", async () => {
    await using scenario = await startScenario(harness, "vars-name");
    await deploy(scenario, { "app/one.yaml": configMap('"app-${stage}"') }, postBuild("substitute: {stage: dev}"));
    await scenario.edit("Kustomization/app", { spec: { postBuild: { substitute: { stage: "prod" } } } });
    await scenario.untilReady("Kustomization/app");
    await scenario.untilGone("ConfigMap/app-dev");
    const inventory = inventoryOf(await scenario.get("Kustomization/app"));
    assert.deepEqual(inventory, [`${scenario.namespace}_app-prod__ConfigMap`]);
  });

  test("have defaults, operators and an escape", async () => {
    await using scenario = await startScenario(harness, "vars-grammar");
    const text = "'${unset:=default} ${who^^} ${#who} ${who:1:3} ${image##*/} ${unset:-${who}} $${who} $who'";
    await deploy(scenario, one(text), postBuild("substitute: {who: world, image: example.org/web}"));
    assert.equal(await valueOf(scenario), "default WORLD 5 orl web world ${who} $who");
  });

  test("leave a script alone that escapes its own, or whose object wants none", async () => {
    await using scenario = await startScenario(harness, "vars-script");
    const script = (escape: string) =>
      `|\n    #!/bin/sh\n    for each in a b; do\n    \techo ${escape}{each} "$each" \${who}\n    done`;
    const disabled = "{kustomize.toolkit.fluxcd.io/substitute: disabled}";
    const all = {
      ...one(script("$$")),
      "app/labelled.yaml": holding("labelled", script("$"), `, labels: ${disabled}`),
      "app/annotated.yaml": holding("annotated", script("$"), `, annotations: ${disabled}`),
    };
    await deploy(scenario, all, postBuild("substitute: {who: world}"));
    const text = (who: string) => `#!/bin/sh\nfor each in a b; do\n\techo \${each} "$each" ${who}\ndone\n`;
    assert.equal(await valueOf(scenario), text("world"));
    assert.equal(await valueOf(scenario, "ConfigMap/labelled"), text("${who}"));
    assert.equal(await valueOf(scenario, "ConfigMap/annotated"), text("${who}"));
  });
});

suite("without any variable", { concurrency: 4 }, () => {
  test("nothing is substituted, defaults neither", async () => {
    await using scenario = await startScenario(harness, "none");
    await deploy(scenario, one("${unset:=default} ${other}"), postBuild(""));
    assert.equal(await valueOf(scenario), "${unset:=default} ${other}");
  });

  test("it is where the strategy says so", async () => {
    await using scenario = await startScenario(harness, "none-always");
    await deploy(scenario, one("${unset:=default}"), postBuild("substituteStrategy: Always"));
    assert.equal(await valueOf(scenario), "default");
  });
});

suite("the build fails, and nothing is applied", { concurrency: 4 }, () => {
  const rows: Array<[about: string, value: string, fields: string, says: RegExp]> = [
    ["for a variable that is not set", "${missing}", "substitute: {who: me}", /missing/],
    ["for one that is not set within a default", "${who:=${missing}}", "substitute: {who: me}", /missing/],
    ["for an expression that is none", "${who-me}", "substitute: {who: me}", /./],
    ["for an expression of another language", "${{ who }}", "substitute: {who: me}", /./],
    ["for a name that is none, also where it is not used", "x", "substitute: {a-b: me}", /a-b/],
    [
      "for a ConfigMap that does not exist",
      "x",
      "substituteFrom: [{kind: ConfigMap, name: nope}]",
      /ConfigMap\/.*nope/,
    ],
    ["for a Secret that does not exist", "x", "substituteFrom: [{kind: Secret, name: nope}]", /Secret\/.*nope/],
    ["for a value that breaks the YAML", "${who} it is", "substitute: {who: 'a: b'}", /./],
  ];
  for (const [about, value, fields, says] of rows) {
    test(about, async () => {
      await using scenario = await startScenario(harness, "fails");
      await declare(scenario, one(value), postBuild(fields));
      assert.match(await untilFailed(scenario), says);
      assert.equal(await scenario.get("ConfigMap/one"), undefined);
    });
  }

  testBeyondFlux(
    () => harness,
    "naming the object, its file and the variable, of several the one that is to blame",
    async () => {
      await using scenario = await startScenario(harness, "fails-named");
      const files = { "app/deep/one.yaml": configMap("one", "${fine} ${guilty}") };
      await declare(scenario, files, postBuild("substitute: {fine: me, guilty: '{[: no'}"));
      const message = await untilFailed(scenario);
      assert.ok(message.startsWith(`ConfigMap/${scenario.namespace}/one (file app/deep/one.yaml): `), message);
      assert.match(message, /guilty/);
      assert.doesNotMatch(message, /\bfine\b|\{\[/);
    },
  );

  test("until the spec is mended", async () => {
    await using scenario = await startScenario(harness, "fails-mended");
    await declare(scenario, one("${who} ${where}"), postBuild("substitute: {who: me}"));
    await untilFailed(scenario);
    await scenario.edit("Kustomization/app", { spec: { postBuild: { substitute: { where: "here" } } } });
    await scenario.untilReady("Kustomization/app");
    assert.equal(await valueOf(scenario), "me here");
  });

  test("unless what does not exist is optional", async () => {
    await using scenario = await startScenario(harness, "optional");
    const from =
      "substituteFrom: [{kind: ConfigMap, name: nope, optional: true}, {kind: Secret, name: nope, optional: true}]";
    await deploy(scenario, one("${who} ${where:=there}"), postBuild(`${from}, substitute: {who: me}`));
    assert.equal(await valueOf(scenario), "me there");
    await scenario.apply(variables("nope", "where: here"));
    await rerun(scenario);
    assert.equal(await valueOf(scenario), "me here");
  });
});

suite("a change of a ConfigMap or Secret", { concurrency: 4 }, () => {
  const from = (kind: string) => postBuild(`substituteFrom: [{kind: ${kind}, name: vars}]`);

  test("is seen at once where it carries the label", async () => {
    await using scenario = await startScenario(harness, "watch-label");
    await scenario.apply(variables("vars", "who: me", watched));
    await deploy(scenario, one("${who}"), from("ConfigMap"));
    await scenario.edit("ConfigMap/vars", { data: { who: "you" } });
    await untilValue(scenario, "you");
  });

  test("is seen at once for a Secret, by all who use it", async () => {
    await using scenario = await startScenario(harness, "watch-secret");
    await scenario.apply(secret("vars", { who: "alice" }).replace("name: vars", `name: vars, labels: {${watched}}`));
    await deploy(scenario, { ...one("${who}"), "other/two.yaml": configMap("two", "${who}") }, from("Secret"));
    await scenario.apply(kustomization("other", from("Secret").replace("./app", "./other")));
    await scenario.untilReady("Kustomization/other");
    await scenario.edit("Secret/vars", { stringData: { who: "bob" } });
    await untilValue(scenario, "bob");
    await scenario.until("ConfigMap/two", "to have it too", (object) => dataOf(object)?.["value"] === "bob");
  });

  test("is seen at once where it was missing before, and where it goes", async () => {
    await using scenario = await startScenario(harness, "watch-missing");
    await declare(scenario, one("${who}"), from("ConfigMap"));
    await untilFailed(scenario);
    await scenario.apply(variables("vars", "who: me", watched));
    await scenario.untilReady("Kustomization/app");
    await scenario.delete("ConfigMap/vars");
    await untilFailed(scenario);
    assert.equal(await valueOf(scenario), "me");
  });

  test("is seen with the next run where it does not", async () => {
    await using scenario = await startScenario(harness, "watch-none");
    await scenario.apply(variables("vars", "who: me"));
    await deploy(scenario, one("${who}"), from("ConfigMap"));
    await scenario.edit("ConfigMap/vars", { data: { who: "you" } });
    await rerun(scenario);
    assert.equal(await valueOf(scenario), "you");
  });

  test("of another namespace means nothing", async () => {
    await using other = await startScenario(harness, "watch-other");
    await using scenario = await startScenario(harness, "watch-own");
    await other.apply(variables("vars", "who: them", watched));
    await declare(scenario, one("${who}"), from("ConfigMap"));
    assert.match(await untilFailed(scenario), /vars/);
  });

  test("that gives the same writes nothing", async () => {
    await using scenario = await startScenario(harness, "watch-same");
    await scenario.apply(variables("vars", "who: me", watched));
    await deploy(scenario, one("${who}"), from("ConfigMap"));
    const version = (await scenario.get("ConfigMap/one"))?.metadata.resourceVersion;
    await scenario.edit("ConfigMap/vars", { data: { unused: "you" } });
    await rerun(scenario);
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.resourceVersion, version);
  });
});

suite("what is in a Secret", { concurrency: 4 }, () => {
  const password = "p4ssw0rd of mine";
  const from = postBuild("substituteFrom: [{kind: Secret, name: vars}]");

  /** Everything that is said of the Kustomization. */
  async function saidAbout(scenario: Scenario): Promise<string> {
    const told = () => postedAbout(scenario, "Kustomization/app");
    await eventually(() => told().length > 0, { what: "an event" });
    const events = await scenario.kube.list({ resource: core.Event, namespace: scenario.namespace });
    return JSON.stringify([(await scenario.get("Kustomization/app"))?.["status"], events.objects, told()]);
  }

  testBeyondFlux(
    () => harness,
    "is not told where it breaks the YAML",
    async () => {
      await using scenario = await startScenario(harness, "secret-yaml");
      await scenario.apply(secret("vars", { password: `*${password}: [` }));
      await declare(scenario, one("${password}"), from);
      await untilFailed(scenario);
      assert.ok(!(await saidAbout(scenario)).includes("p4ssw0rd"));
    },
  );

  testBeyondFlux(
    () => harness,
    "is not told where the API server rejects the object that it is in",
    async () => {
      await using scenario = await startScenario(harness, "secret-rejected");
      await scenario.apply(secret("vars", { password }));
      const service = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: "{{ns}}"}
spec: {clusterIP: "\${password}", ports: [{port: 80}]}
`;
      await declare(scenario, { "app/web.yaml": service }, from);
      const message = await untilFailed(scenario, "ReconciliationFailed");
      assert.match(message, /Service\/.*\/web \(file app\/web\.yaml\).*\*\*\*/);
      assert.ok(!(await saidAbout(scenario)).includes("p4ssw0rd"));
    },
  );
});

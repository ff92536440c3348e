/** Kustomization: manifests that are built from the files of spec.path, with and without a kustomization.yaml. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { dataOf, declare, deploy, inventoryOf, roll } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

const at = (path: string, more = "") => `  path: ${path}\n  prune: true${more}`;

/** A ConfigMap that leaves its namespace to others. */
const homeless = (name: string) => configMap(name).replace(', namespace: "{{ns}}"', "");

const suspendedJob = (name: string, deadline: string, text: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, namespace: "{{ns}}", annotations: {text: ${text}}}
spec:
  suspend: true
  activeDeadlineSeconds: ${deadline}
  template: {spec: {restartPolicy: Never, containers: [{name: app, image: "example.org/app:1"}]}}
`;

/** Names of the ConfigMaps in the inventory. */
async function configMapsOf({ namespace, get }: Scenario): Promise<string[]> {
  const ids = inventoryOf(await get("Kustomization/app"));
  return ids
    .filter((id) => id.endsWith("__ConfigMap"))
    .map((id) => id.slice(namespace.length + 1, -"__ConfigMap".length));
}

suite("a path without a kustomization", { concurrency: 4 }, () => {
  test("gives all manifests below it, and those of a folder with a kustomization as that says", async () => {
    await using scenario = await startScenario(harness, "build-nested");
    await deploy(scenario, {
      "app/deep/er/one.yaml": configMap("one"),
      "app/two.yml": configMap("two"),
      "app/notes.txt": "no: manifest\n",
      "app/own/kustomization.yaml": "namePrefix: own-\nresources: [three.yaml]\n",
      "app/own/three.yaml": configMap("three"),
      "app/own/unused.yaml": configMap("unused"),
    });
    assert.deepEqual(await configMapsOf(scenario), ["one", "own-three", "two"]);
  });

  test("takes files and directories whatever their names", async () => {
    await using scenario = await startScenario(harness, "build-names-of-files");
    await deploy(scenario, {
      "app/one two@2x (copy).yaml": configMap("one"),
      "app/日本 + é/a..b.yaml": configMap("two"),
      "app/back\\slash.yaml": configMap("three"),
      "app/own/kustomization.yaml":
        'namespace: "{{ns}}"\nconfigMapGenerator: [{name: dash, files: [node.json=Node Exporter.json]}]\n',
      "app/own/Node Exporter.json": "{}",
    });
    const [dash = "", ...others] = await configMapsOf(scenario);
    assert.deepEqual(others, ["one", "three", "two"]);
    assert.deepEqual(dataOf(await scenario.get(`ConfigMap/${dash}`)), { "node.json": "{}" });
  });

  test("changes no integer and no character of a text", async () => {
    await using scenario = await startScenario(harness, "build-exact");
    const text = '"x \\u2028 y \\u2029 z"';
    const substitute = '\n  postBuild: {substitute: {large: "1152921504606846977"}}';
    await deploy(
      scenario,
      {
        "app/one.yaml": suspendedJob("one", "1152921504606846977", text),
        "app/two.yaml": suspendedJob("two", "${large}", text),
      },
      at("./app", substitute),
    );
    for (const name of ["one", "two"]) {
      assert.partialDeepStrictEqual(await scenario.get(`batch/v1:Job/${name}`), {
        metadata: { annotations: { text: "x \u2028 y \u2029 z" } },
        spec: { activeDeadlineSeconds: 1152921504606846977n },
      });
    }
  });

  test("takes Lists apart, and files with several documents", async () => {
    await using scenario = await startScenario(harness, "build-lists");
    const indented = (name: string) => `- ${configMap(name).trim().replaceAll("\n", "\n  ")}\n`;
    await deploy(scenario, {
      "app/list.yaml": `apiVersion: v1\nkind: List\nitems:\n${indented("one")}${indented("two")}`,
      "app/both.yaml": `${configMap("three")}---\n---\n${configMap("four")}`,
    });
    assert.deepEqual(await configMapsOf(scenario), ["four", "one", "three", "two"]);
  });

  test("is rejected as a whole for one file that holds no manifest, and well again without it", async () => {
    await using scenario = await startScenario(harness, "build-stray");
    await declare(scenario, { "app/one.yaml": configMap("one"), "app/values.yaml": "replicas: 2\n" });
    const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
    assert.match(conditionOf(failed, "Ready")?.message ?? "", /values\.yaml/);
    assert.equal(await scenario.get("ConfigMap/one"), undefined);

    await roll(scenario, { "app/values.yaml": null });

    assert.deepEqual(await configMapsOf(scenario), ["one"]);
  });

  test("may be the root, where none is named", async () => {
    await using scenario = await startScenario(harness, "build-root");
    await deploy(scenario, { "one.yaml": configMap("one"), "app/two.yaml": configMap("two") }, "  prune: true");
    assert.deepEqual(await configMapsOf(scenario), ["one", "two"]);
  });
});

suite("a kustomization of the user", { concurrency: 4 }, () => {
  for (const name of ["kustomization.yml", "Kustomization"]) {
    test(`is found under the name ${name}`, async () => {
      await using scenario = await startScenario(harness, "build-names");
      await deploy(scenario, {
        [`app/${name}`]: "nameSuffix: -x\nresources: [one.yaml]\n",
        "app/one.yaml": configMap("one"),
        "app/two.yaml": configMap("two"),
      });
      assert.deepEqual(await configMapsOf(scenario), ["one-x"]);
    });
  }

  test("builds on a base in a folder beside it", async () => {
    await using scenario = await startScenario(harness, "build-overlay");
    const overlay = (name: string, value: string) =>
      `namePrefix: ${name}-
resources: [../../base]
patches:
- target: {kind: ConfigMap}
  patch: '- {op: replace, path: /data/value, value: "${value}"}'
`;
    const files = {
      "base/kustomization.yaml": "resources: [one.yaml]\n",
      "base/one.yaml": configMap("one"),
      "overlays/dev/kustomization.yaml": overlay("dev", "2"),
      "overlays/prod/kustomization.yaml": overlay("prod", "3"),
    };
    await deploy(scenario, files, at("./overlays/prod"));
    assert.deepEqual(await configMapsOf(scenario), ["prod-one"]);
    assert.equal(dataOf(await scenario.get("ConfigMap/prod-one"))?.["value"], "3");

    await roll(scenario, { "base/one.yaml": configMap("renamed") });

    assert.deepEqual(await configMapsOf(scenario), ["prod-renamed"]);
    await scenario.untilGone("ConfigMap/prod-one");
  });

  test("uses components", async () => {
    await using scenario = await startScenario(harness, "build-component");
    await deploy(scenario, {
      "app/kustomization.yaml": "resources: [one.yaml]\ncomponents: [../parts/labelled]\n",
      "app/one.yaml": configMap("one"),
      "parts/labelled/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
labels: [{pairs: {team: blue}}]
`,
    });
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.labels?.["team"], "blue");
  });

  test("generates, under a new name where the content changes, and the old one goes", async () => {
    await using scenario = await startScenario(harness, "build-generator");
    await deploy(scenario, {
      "app/kustomization.yaml": "configMapGenerator: [{name: settings, namespace: '{{ns}}', files: [settings.txt]}]\n",
      "app/settings.txt": "one\n",
    });
    const [first = ""] = await configMapsOf(scenario);
    assert.match(first, /^settings-[a-z0-9]{10}$/);

    await roll(scenario, { "app/settings.txt": "two\n" });

    const [second = "", ...others] = await configMapsOf(scenario);
    assert.deepEqual(others, []);
    assert.notEqual(second, first);
    assert.deepEqual(dataOf(await scenario.get(`ConfigMap/${second}`)), { "settings.txt": "two\n" });
    await scenario.untilGone(`ConfigMap/${first}`);
  });

  test("gets the target namespace on top of its own fields", async () => {
    await using scenario = await startScenario(harness, "build-target");
    const files = {
      "app/kustomization.yaml": "namePrefix: my-\nnamespace: elsewhere\nresources: [one.yaml, role.yaml]\n",
      "app/one.yaml": homeless("one"),
      "app/role.yaml": `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "{{ns}}"}
rules: []
`,
    };
    await deploy(scenario, files, at("./app", `\n  targetNamespace: ${scenario.namespace}`));
    assert.deepEqual(inventoryOf(await scenario.get("Kustomization/app")), [
      `_my-${scenario.namespace}_rbac.authorization.k8s.io_ClusterRole`,
      `${scenario.namespace}_my-one__ConfigMap`,
    ]);
  });
});

suite("a Secret", () => {
  test("written as stringData loses keys that are no longer declared", async () => {
    await using scenario = await startScenario(harness, "build-string-data");
    const secret = (values: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: "{{ns}}"}\nstringData: {${values}}\n`;
    await deploy(scenario, { "app/s.yaml": secret("user: me, password: p") });
    await roll(scenario, { "app/s.yaml": secret("user: you") });
    const user = Buffer.from("you").toString("base64");
    assert.deepEqual(dataOf(await scenario.get("Secret/s")), { user });
  });
});

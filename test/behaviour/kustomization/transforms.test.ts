/** Kustomization: spec.namePrefix, nameSuffix, patches, images, components, buildMetadata and commonMetadata. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { dataOf, declare, deploy, inventoryOf, roll } from "../../harness/deploy.ts";
import type { Harness } from "../../harness/harness.ts";
import { configMap, kustomization } from "../../harness/manifests.ts";
import { conditionOf, type Scenario, startScenario } from "../../harness/scenario.ts";
import { sharedHarness } from "../../harness/shared-stack.ts";

let harness: Harness;
before(async () => {
  harness = await sharedHarness();
});
after(() => harness[Symbol.asyncDispose]());

/** A spec with more fields, each on a line of its own. */
const withFields = (...fields: string[]) =>
  ["path: ./app", "prune: true", ...fields].map((field) => `  ${field}`).join("\n");

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: "{{ns}}", labels: {tier: front}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "example.org/web:1.0.0", envFrom: [{configMapRef: {name: one}}]}]
`;

const files = {
  "app/kustomization.yaml": "resources: [one.yaml, web.yaml]\n",
  "app/one.yaml": configMap("one"),
  "app/web.yaml": web,
};

interface DeploymentSpec {
  replicas: number;
  template: {
    metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
    spec: { containers: Array<{ image: string; envFrom: Array<{ configMapRef: { name: string } }> }> };
  };
}

function specOf(deployment: KubeObject | undefined): DeploymentSpec {
  return deployment?.["spec"] as DeploymentSpec;
}

async function imageOf({ get }: Scenario): Promise<string | undefined> {
  return specOf(await get("Deployment/web")).template.spec.containers[0]?.image;
}

/** Changes the spec of the Kustomization and waits until it is ready with it. */
async function respecify({ edit, untilReady }: Scenario, spec: object): Promise<void> {
  await edit("Kustomization/app", { spec });
  await untilReady("Kustomization/app");
}

suite("namePrefix and nameSuffix", { concurrency: 4 }, () => {
  test("rename objects and the references to them, in place of the file's own", async () => {
    await using scenario = await startScenario(harness, "names");
    const named = { ...files, "app/kustomization.yaml": "namePrefix: own-\nresources: [one.yaml, web.yaml]\n" };
    await deploy(scenario, named, withFields("namePrefix: my-", "nameSuffix: -x"));
    const spec = specOf(await scenario.get("Deployment/my-web-x"));
    assert.equal(spec.template.spec.containers[0]?.envFrom[0]?.configMapRef.name, "my-one-x");
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/my-one-x")), { value: "1" });
  });

  test("rename also where the path has no kustomization, and what had the old name goes", async () => {
    await using scenario = await startScenario(harness, "names-plain");
    await deploy(scenario, { "app/one.yaml": configMap("one") }, withFields("namePrefix: a-"));
    await respecify(scenario, { namePrefix: "b-" });
    assert.deepEqual(inventoryOf(await scenario.get("Kustomization/app")), [`${scenario.namespace}_b-one__ConfigMap`]);
    await scenario.untilGone("ConfigMap/a-one");
  });
});

suite("patches", { concurrency: 4 }, () => {
  test("merge into the objects that they name, several in one text too", async () => {
    await using scenario = await startScenario(harness, "patch-merge");
    const patch = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: "{{ns}}"}
spec: {replicas: 3}
---
${configMap("one", "patched")}`;
    await deploy(scenario, files, withFields("patches:", `- patch: |\n      ${patch.replaceAll("\n", "\n      ")}`));
    assert.equal(specOf(await scenario.get("Deployment/web")).replicas, 3);
    assert.equal(await imageOf(scenario), "example.org/web:1.0.0");
    assert.deepEqual(dataOf(await scenario.get("ConfigMap/one")), { value: "patched" });
  });

  test("change by operations all objects that their target picks, and no others", async () => {
    await using scenario = await startScenario(harness, "patch-operations");
    const patch = `'[{"op": "add", "path": "/metadata/annotations", "value": {"patched": "yes"}}]'`;
    const both = {
      ...files,
      "app/one.yaml": configMap("one").replace("{name: one", "{labels: {tier: back}, name: one"),
    };
    await deploy(scenario, both, withFields("patches:", "- target: {labelSelector: tier=front}", `  patch: ${patch}`));
    assert.equal((await scenario.get("Deployment/web"))?.metadata.annotations?.["patched"], "yes");
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.annotations, undefined);
  });

  test("come after those of the file, in their order", async () => {
    await using scenario = await startScenario(harness, "patch-order");
    const replicas = (count: number) =>
      `{target: {kind: Deployment}, patch: '[{"op": "replace", "path": "/spec/replicas", "value": ${count}}]'}`;
    const patched = {
      ...files,
      "app/kustomization.yaml": `${files["app/kustomization.yaml"]}patches: [${replicas(2)}]\n`,
    };
    await deploy(scenario, patched, withFields(`patches: [${replicas(3)}, ${replicas(4)}]`));
    assert.equal(specOf(await scenario.get("Deployment/web")).replicas, 4);
  });

  test("may take an object away, which then goes from the cluster", async () => {
    await using scenario = await startScenario(harness, "patch-delete");
    await deploy(scenario, files, withFields());
    const patch = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n$patch: delete\n";
    await respecify(scenario, { patches: [{ patch, target: { kind: "ConfigMap" } }] });
    await scenario.untilGone("ConfigMap/one");
    assert.ok(await scenario.get("Deployment/web"));
  });

  test("that are none fail the build, and nothing is applied", async () => {
    await using scenario = await startScenario(harness, "patch-bad");
    await declare(scenario, files, withFields("patches: [{patch: 'no patch'}]"));
    await scenario.untilCondition("Kustomization/app", { type: "Ready", status: "False", reason: "BuildFailed" });
    assert.equal(await scenario.get("ConfigMap/one"), undefined);
  });
});

suite("images", { concurrency: 4 }, () => {
  test("get another name and tag, and follow the spec", async () => {
    await using scenario = await startScenario(harness, "images");
    const image = "{name: example.org/web, newName: mirror.example.org/web, newTag: 2.0.0}";
    await deploy(scenario, files, withFields(`images: [${image}]`));
    assert.equal(await imageOf(scenario), "mirror.example.org/web:2.0.0");
    const digest = `sha256:${"a".repeat(64)}`;
    await respecify(scenario, { images: [{ name: "example.org/web", digest }] });
    assert.equal(await imageOf(scenario), `example.org/web@${digest}`);
  });

  test("keep of the file's entry what the spec does not say", async () => {
    await using scenario = await startScenario(harness, "images-merge");
    const image = "images: [{name: example.org/web, newName: mirror.example.org/web, newTag: 2.0.0}]\n";
    const own = { ...files, "app/kustomization.yaml": files["app/kustomization.yaml"] + image };
    await deploy(scenario, own, withFields("images: [{name: example.org/web, newTag: 3.0.0}]"));
    assert.equal(await imageOf(scenario), "mirror.example.org/web:3.0.0");
  });
});

suite("components", { concurrency: 4 }, () => {
  const component = (label: string) =>
    `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {${label}: "yes"}}]\n`;

  test("are added to those of the file", async () => {
    await using scenario = await startScenario(harness, "components");
    const own = { ...files, "app/kustomization.yaml": `${files["app/kustomization.yaml"]}components: [../parts/a]\n` };
    const parts = { "parts/a/kustomization.yaml": component("a"), "parts/b/kustomization.yaml": component("b") };
    await deploy(scenario, { ...own, ...parts }, withFields("components: [../parts/b]"));
    assert.partialDeepStrictEqual((await scenario.get("ConfigMap/one"))?.metadata.labels, { a: "yes", b: "yes" });
  });

  test("that are missing fail the build, unless they are to be ignored", async () => {
    await using scenario = await startScenario(harness, "components-missing");
    const parts = { "parts/b/kustomization.yaml": component("b") };
    await declare(scenario, { ...files, ...parts }, withFields("components: [../parts/nope, ../parts/b]"));
    const failed = await scenario.untilCondition("Kustomization/app", { type: "Ready", reason: "BuildFailed" });
    assert.match(conditionOf(failed, "Ready")?.message ?? "", /nope/);
    await respecify(scenario, { ignoreMissingComponents: true });
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.labels?.["b"], "yes");
  });
});

suite("buildMetadata", () => {
  test("says where objects come from, until it is asked no more", async () => {
    await using scenario = await startScenario(harness, "metadata-origin");
    await deploy(scenario, files, withFields("buildMetadata: [originAnnotations]"));
    const origin = (await scenario.get("ConfigMap/one"))?.metadata.annotations?.["config.kubernetes.io/origin"];
    assert.match(origin ?? "", /path: one\.yaml/);
    await respecify(scenario, { buildMetadata: null });
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.annotations, undefined);
  });
});

suite("commonMetadata", { concurrency: 4 }, () => {
  const common = "commonMetadata: {labels: {team: a, tier: common}, annotations: {note: b}}";

  test("is set on every object, wins over its own, and leaves templates of pods alone", async () => {
    await using scenario = await startScenario(harness, "common");
    await deploy(scenario, files, withFields(common));
    for (const subject of ["ConfigMap/one", "Deployment/web"]) {
      const { labels, annotations } = (await scenario.get(subject))?.metadata ?? {};
      assert.partialDeepStrictEqual(labels, { team: "a", tier: "common" });
      assert.equal(annotations?.["note"], "b");
    }
    const { template } = specOf(await scenario.get("Deployment/web"));
    assert.deepEqual(template.metadata, { labels: { app: "web" } });
  });

  test("follows the spec, and goes with it", async () => {
    await using scenario = await startScenario(harness, "common-change");
    await deploy(scenario, files, withFields(common));
    await respecify(scenario, { commonMetadata: { labels: { team: "c" }, annotations: null } });
    assert.partialDeepStrictEqual((await scenario.get("ConfigMap/one"))?.metadata.labels, { team: "c" });
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.annotations, undefined);
    await respecify(scenario, { commonMetadata: null });
    assert.equal((await scenario.get("ConfigMap/one"))?.metadata.labels?.["team"], undefined);
    assert.equal((await scenario.get("Deployment/web"))?.metadata.labels?.["tier"], "front");
  });

  test("is on what a later commit adds", async () => {
    await using scenario = await startScenario(harness, "common-roll");
    await deploy(scenario, { "app/one.yaml": configMap("one") }, withFields(common));
    await roll(scenario, { "app/two.yaml": configMap("two") });
    assert.equal((await scenario.get("ConfigMap/two"))?.metadata.labels?.["team"], "a");
  });

  test("is as it is written, also where it looks like a variable", async () => {
    await using scenario = await startScenario(harness, "common-literal");
    const note = "commonMetadata: {annotations: {note: '${who}'}}";
    const fields = withFields(note, "postBuild: {substitute: {who: me}}");
    await deploy(scenario, { "app/one.yaml": configMap("one", "${who}") }, fields);
    const object = await scenario.get("ConfigMap/one");
    assert.equal(object?.metadata.annotations?.["note"], "${who}");
    assert.deepEqual(dataOf(object), { value: "me" });
  });
});

suite("two Kustomizations of one path", () => {
  test("each make their own of it", async () => {
    await using scenario = await startScenario(harness, "twins");
    const own = (name: string) =>
      withFields(
        `namePrefix: ${name}-`,
        `commonMetadata: {labels: {of: ${name}}}`,
        `postBuild: {substitute: {who: ${name}}}`,
      );
    await deploy(scenario, { "app/one.yaml": configMap("one", "${who}") }, own("a"));
    await scenario.apply(kustomization("other", own("b")));
    await scenario.untilReady("Kustomization/other");
    for (const name of ["a", "b"]) {
      const object = await scenario.get(`ConfigMap/${name}-one`);
      assert.equal(object?.metadata.labels?.["of"], name);
      assert.deepEqual(dataOf(object), { value: name });
    }
  });
});

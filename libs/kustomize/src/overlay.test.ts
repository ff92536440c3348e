import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { configMap, deployment, type Files, openWorkbench } from "../test/fixture.ts";
import { mergeOverlay, type Overlay } from "./overlay.ts";

suite("an overlay is merged into the kustomization", () => {
  const rows: Array<[what: string, file: object, overlay: Overlay, merged: object]> = [
    ["nothing", { resources: ["a"] }, {}, { resources: ["a"] }],
    [
      "names and namespace replace",
      { namePrefix: "a-", namespace: "x" },
      { namePrefix: "b-", nameSuffix: "-c", targetNamespace: "y" },
      { namePrefix: "b-", nameSuffix: "-c", namespace: "y" },
    ],
    [
      "patches follow",
      { patches: [{ path: "p" }] },
      { patches: [{ patch: "q", target: { kind: "K" } }] },
      { patches: [{ path: "p" }, { patch: "q", target: { kind: "K" } }] },
    ],
    ["components follow", { components: ["a"] }, { components: ["b"] }, { components: ["a", "b"] }],
    [
      "buildMetadata replaces",
      { buildMetadata: ["managedByLabel"] },
      { buildMetadata: ["originAnnotations"] },
      { buildMetadata: ["originAnnotations"] },
    ],
    [
      "buildMetadata replaces with nothing",
      { buildMetadata: ["managedByLabel"] },
      { buildMetadata: [] },
      { buildMetadata: [] },
    ],
    [
      "an image of another name is added",
      { images: [{ name: "a", newTag: "1" }] },
      { images: [{ name: "b", newTag: "2" }] },
      {
        images: [
          { name: "a", newTag: "1" },
          { name: "b", newTag: "2" },
        ],
      },
    ],
    [
      "an image keeps what is not said",
      { images: [{ name: "a", newTag: "1", tagSuffix: "-x" }] },
      { images: [{ name: "a", newName: "n" }] },
      { images: [{ name: "a", newName: "n", newTag: "1", tagSuffix: "-x" }] },
    ],
    [
      "a tag takes the place of a digest",
      { images: [{ name: "a", newName: "n", digest: "d" }] },
      { images: [{ name: "a", newTag: "2" }] },
      { images: [{ name: "a", newName: "n", newTag: "2" }] },
    ],
    [
      "a digest takes the place of a tag",
      { images: [{ name: "a", newTag: "1" }] },
      { images: [{ name: "a", digest: "d" }] },
      { images: [{ name: "a", digest: "d" }] },
    ],
    [
      "an image under the older field name",
      { imageTags: [{ name: "a", newTag: "1" }] },
      { images: [{ name: "a", newTag: "2" }] },
      { images: [{ name: "a", newTag: "2" }] },
    ],
  ];
  for (const [what, file, overlay, merged] of rows) {
    test(what, () => {
      const before = structuredClone(file);
      assert.deepEqual(mergeOverlay({ ...file }, overlay, overlay.components ?? []), merged);
      assert.deepEqual(file, before);
    });
  }
});

suite("a build with an overlay", async () => {
  const bench = await openWorkbench();
  after(() => bench[Symbol.asyncDispose]());
  const component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";
  const files: Files = {
    "app/kustomization.yaml":
      'resources: [d.yaml]\nimages: [{name: nginx, newName: mirror/nginx, newTag: \'1\'}]\npatches: [{target: {kind: Deployment}, patch: \'[{"op": "add", "path": "/spec/replicas", "value": 1}]\'}]',
    "app/d.yaml": deployment("d", "nginx"),
    "plain/d.yaml": deployment("d", "nginx"),
    "part/kustomization.yaml": `${component}labels: [{pairs: {part: 'yes'}}]`,
  };
  const first = async (path: string, overlay: Overlay) => {
    const build = await bench.build(files, path, overlay);
    assert.ok(build.kind === "built", JSON.stringify(build));
    const [built] = build.objects;
    assert.ok(built);
    return built.object;
  };

  test("is in the target namespace, under the new name", async () => {
    for (const path of ["app", "plain"]) {
      const { metadata } = await first(path, { targetNamespace: "n", namePrefix: "a-", nameSuffix: "-z" });
      assert.deepEqual(metadata, { name: "a-d-z", namespace: "n" });
    }
  });
  test("has the images of both", async () => {
    const object = await first("app", { images: [{ name: "nginx", newTag: "2" }] });
    const containers = [{ image: "mirror/nginx:2" }];
    assert.partialDeepStrictEqual(object, { spec: { template: { spec: { containers } } } });
  });
  test("has its patches after those of the file, several in one text too", async () => {
    const patch =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 2}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {paused: true}\n";
    assert.partialDeepStrictEqual(await first("app", { patches: [{ patch }] }), {
      spec: { replicas: 2, paused: true },
    });
  });
  test("has the components", async () => {
    const overlay = { components: ["../part", "../nowhere"], ignoreMissingComponents: true };
    assert.deepEqual((await first("app", overlay)).metadata.labels, { part: "yes" });
  });
  test("is rejected where a component is missing", async () => {
    const build = await bench.build(files, "app", { components: ["../nowhere"] });
    assert.ok(build.kind === "rejected");
    assert.match(build.message, /components\[0\] refers to \.\.\/nowhere, which does not exist/);
  });
  test("is rejected where a component is elsewhere", async () => {
    const build = await bench.build(files, "app", {
      components: ["https://github.com/a/b"],
      ignoreMissingComponents: true,
    });
    assert.ok(build.kind === "rejected");
    assert.match(build.message, /spec\.components\[0\] must be a relative path/);
  });
  test("says where its objects come from when that is asked for", async () => {
    const { metadata } = await first("app", { buildMetadata: ["originAnnotations"] });
    assert.deepEqual(metadata.annotations, { "config.kubernetes.io/origin": "path: d.yaml\n" });
  });
  test("leaves the repository as it is", async () => {
    const source = bench.repository({ "a.yaml": configMap("a") });
    const request = { files: source, path: "", overlay: { namePrefix: "x-" } };
    await bench.builder.build(request, AbortSignal.timeout(60_000));
    const build = await bench.builder.build({ ...request, overlay: {} }, AbortSignal.timeout(60_000));
    assert.ok(build.kind === "built" && build.objects[0]?.object.metadata.name === "a");
  });
});

import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core, type Kustomization } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import type { Build } from "@leat/kustomize";
import { createTestNamespace, sharedControlPlane } from "@leat/testing";

import { buildOf, configMap } from "./fixtures/build.ts";
import { kustomization } from "./fixtures/kustomization.ts";
import { createPostBuild } from "./post-build.ts";

const resources = new AsyncDisposableStack();
const requests: string[] = [];
let kube: Kube;
let namespace: string;
before(async () => {
  const controlPlane = await sharedControlPlane();
  const onRequest = ({ verb, resource }: { verb: string; resource: string }) => requests.push(`${verb} ${resource}`);
  kube = resources.use(await connect({ kubeconfig: controlPlane.kubeconfig, onRequest }));
  namespace = resources.use(await createTestNamespace(controlPlane, "post-build")).name;
});
after(() => resources.disposeAsync());

const run = { signal: new AbortController().signal };

/** A Kustomization of the test's namespace. */
function declared(spec: object, name = "app"): Kustomization {
  const object = kustomization(spec, {}, name);
  return { ...object, metadata: { ...object.metadata, namespace } };
}

async function write(name: string, data: Record<string, string>): Promise<void> {
  const object = { ...configMap(name, data), metadata: { name, namespace } };
  await kube.apply(core.ConfigMap, object, { fieldManager: "user", force: true });
}

function objectsOf(build: Build): unknown[] {
  assert.ok(build.kind === "built", JSON.stringify(build));
  return build.objects.map(({ object }) => object);
}

const from = (name: string) => ({ postBuild: { substituteFrom: [{ kind: "ConfigMap", name }] } });

suite("what becomes of a build", () => {
  test("is the build itself where the spec asks for nothing, or where nothing has to change", async () => {
    const postBuild = createPostBuild({ kube, isStrict: true });
    const build = buildOf(configMap("one", { a: "text" }, { labels: { team: "a" } }));
    const specs = [{}, { postBuild: { substitute: { who: "me" } } }, { commonMetadata: { labels: { team: "a" } } }];
    for (const spec of specs) assert.equal(await postBuild({ object: declared(spec), run }, build), build);
  });

  test("is the very same again while what it is made of is, and another for each change", async () => {
    const postBuild = createPostBuild({ kube, isStrict: true });
    const build = buildOf(configMap("one", { a: "${who}" }), configMap("two", { a: "text" }));
    await write("vars", { who: "me" });
    const spec = from("vars");
    const first = await postBuild({ object: declared(spec), run }, build);
    assert.equal(await postBuild({ object: declared(spec), run }, build), first);
    await write("vars", { who: "you" });
    const second = await postBuild({ object: declared(spec), run }, build);
    assert.deepEqual(objectsOf(second)[0], configMap("one", { a: "you" }));
    assert.equal(objectsOf(second)[1], objectsOf(build)[1]);
    const labelled = { ...spec, commonMetadata: { labels: { team: "a" } } };
    const third = await postBuild({ object: declared(labelled), run }, build);
    assert.deepEqual(objectsOf(third)[1], configMap("two", { a: "text" }, { labels: { team: "a" } }));
    const digests = [build, first, second, third].map((each) => (each.kind === "built" ? each.digest : ""));
    assert.equal(new Set(digests).size, 4);
  });

  test("is each Kustomization's own where two have the same build", async () => {
    const postBuild = createPostBuild({ kube, isStrict: true });
    const build = buildOf(configMap("one", { a: "${who}" }));
    const objects = ["a", "b"].map((who) => declared({ postBuild: { substitute: { who } } }, who));
    const [a, b] = await Promise.all(objects.map(async (object) => postBuild({ object, run }, build)));
    assert.ok(a && b);
    assert.deepEqual([...objectsOf(a), ...objectsOf(b)], [configMap("one", { a: "a" }), configMap("one", { a: "b" })]);
    for (const [index, object] of objects.entries()) {
      assert.equal(await postBuild({ object, run }, build), [a, b][index]);
    }
  });

  test("takes one request for each object that is named, and none where no object wants variables", async () => {
    const postBuild = createPostBuild({ kube, isStrict: true });
    await write("requests", { who: "me" });
    const object = declared(from("requests"));
    const since = requests.length;
    await postBuild({ object, run }, buildOf(configMap("one", { a: "${who}" }), configMap("two", { a: "${who}" })));
    assert.deepEqual(requests.slice(since), ["get configmaps"]);
    const annotations = { "kustomize.toolkit.fluxcd.io/substitute": "disabled" };
    await postBuild({ object: declared(from("nope")), run }, buildOf(configMap("one", {}, { annotations })));
    assert.deepEqual(requests.slice(since), ["get configmaps"]);
  });

  test("is empty for what is not set, where that is not strict", async () => {
    const postBuild = createPostBuild({ kube, isStrict: false });
    const object = declared({ postBuild: { substituteStrategy: "Always" } });
    const build = await postBuild({ object, run }, buildOf(configMap("one", { a: "x${unset}" })));
    assert.deepEqual(objectsOf(build), [configMap("one", { a: "x" })]);
  });

  test("keeps variables as they are written where there is no cluster to read them from", async () => {
    const postBuild = createPostBuild({ kube: undefined, isStrict: true });
    const objects = [configMap("one", { a: "${who} ${unset:=x}" }), configMap("two", { a: "${own}" })];
    const spec = { postBuild: { substitute: { own: "me" }, ...from("vars").postBuild } };
    const build = await postBuild({ object: declared(spec), run }, buildOf(...objects));
    assert.deepEqual(objectsOf(build), [objects[0], configMap("two", { a: "me" })]);
    const own = await postBuild(
      { object: declared({ postBuild: { substitute: { own: "me" } } }), run },
      buildOf(...objects),
    );
    assert.ok(own.kind === "rejected" && /variable who is not set/.test(own.message));
  });

  test("is a rejection where variables may not be read", async () => {
    const postBuild = createPostBuild({ kube: kube.impersonate("nobody"), isStrict: true });
    const build = await postBuild({ object: declared(from("vars")), run }, buildOf(configMap("one", {})));
    assert.ok(build.kind === "rejected");
    assert.match(build.message, /^ConfigMap\/.*\/vars of spec\.postBuild\.substituteFrom cannot be read: .*forbidden/);
  });
});

/** Fields that are left to others, on a real API server. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import {
  actions,
  configMap,
  createTestApplier,
  fieldManager,
  messageOf,
  openSetting,
  type Setting,
} from "../../test/fixture.ts";
import { isRecord } from "./json-edit.ts";

const ignoring = (...paths: string[]) => ({ ignore: [{ paths }] });
const ignoringB = ignoring("/data/b");

const dataOf = (object: KubeObject | undefined) => object?.["data"];
const read = async (setting: Setting) => dataOf(await setting.read("ConfigMap", "one"));

/** Whether we are a manager of a field of `data`. */
function owns(object: KubeObject | undefined, field: string): boolean {
  const entry = object?.metadata.managedFields?.find(({ manager }) => manager === fieldManager);
  const data = entry?.fieldsV1?.["f:data"];
  return isRecord(data) && `f:${field}` in data;
}

/** As {@link Setting.edit}, by server-side apply. */
async function applyAs(setting: Setting, manager: string, object: KubeObject): Promise<void> {
  const resource = await setting.kube.resourceOf(object.apiVersion, object.kind);
  assert.ok(resource);
  await setting.kube.apply(resource, object, { fieldManager: manager, force: true });
}

const container = (name: string, fields: object = {}) => ({ name, image: "example.org/app:1", ...fields });
// Nobody but the test writes to this kind.
const template = (namespace: string, ...containers: object[]): KubeObject => ({
  apiVersion: "v1",
  kind: "PodTemplate",
  metadata: { name: "web", namespace },
  template: { metadata: { labels: { app: "web" } }, spec: { containers } },
});
type Template = { spec: { containers: Array<Record<string, unknown>> } };
const containersOf = (object: KubeObject | undefined) =>
  (object?.["template"] as Template | undefined)?.spec.containers ?? [];

suite("an ignored field", { concurrency: 4 }, () => {
  test("has the declared value when its object is created", async () => {
    await using setting = await openSetting();
    await setting.apply([configMap(setting.namespace, "one", { a: "1", b: "1" })], ignoringB);
    assert.deepEqual(await read(setting), { a: "1", b: "1" });
  });

  for (const manager of ["somebody", "kubectl-edit"]) {
    test(`keeps the value that ${manager} gave it, and the others are put back`, async () => {
      await using setting = await openSetting();
      const one = configMap(setting.namespace, "one", { a: "1", b: "1" });
      await setting.apply([one], ignoringB);
      await setting.edit(one, { data: { a: "theirs", b: "theirs" } }, manager);
      const isPutBack = async () => {
        // The watch may be late.
        await setting.apply([one], ignoringB);
        return isDeepStrictEqual(await read(setting), { a: "1", b: "theirs" });
      };
      await eventually(isPutBack, { what: "the other field to be put back" });

      await setting.apply([configMap(setting.namespace, "one", { a: "2", b: "2" })], ignoringB);
      assert.deepEqual(await read(setting), { a: "2", b: "theirs" });
    });
  }

  test("stays as it is while the source gives it other values, or none", async () => {
    await using setting = await openSetting();
    await setting.apply([configMap(setting.namespace, "one", { a: "1", b: "1" })], ignoringB);
    await setting.apply([configMap(setting.namespace, "one", { a: "1", b: "2" })], ignoringB);
    assert.deepEqual(await read(setting), { a: "1", b: "1" });
    await setting.apply([configMap(setting.namespace, "one", { a: "2" })], ignoringB);
    assert.deepEqual(await read(setting), { a: "2", b: "1" });
  });

  test("is given to another applier that takes it", async () => {
    await using setting = await openSetting();
    const one = configMap(setting.namespace, "one", { a: "1", b: "1" });
    await setting.apply([one], ignoringB);
    await applyAs(setting, "scaler", configMap(setting.namespace, "one", { b: "3" }));
    await setting.apply([configMap(setting.namespace, "one", { a: "2", b: "1" })], ignoringB);
    const live = await setting.read("ConfigMap", "one");
    assert.deepEqual(dataOf(live), { a: "2", b: "3" });
    assert.equal(owns(live, "b"), false);
    assert.equal(owns(live, "a"), true);
  });

  test("is given up where another applier has set the same value", async () => {
    await using setting = await openSetting();
    await setting.apply([configMap(setting.namespace, "one", { a: "1", b: "1" })], ignoringB);
    await applyAs(setting, "scaler", configMap(setting.namespace, "one", { b: "1" }));
    await setting.apply([configMap(setting.namespace, "one", { a: "2", b: "1" })], ignoringB);
    const live = await setting.read("ConfigMap", "one");
    assert.deepEqual(dataOf(live), { a: "2", b: "1" });
    assert.equal(owns(live, "b"), false);
  });

  test("stays away where it was taken away", async () => {
    await using setting = await openSetting();
    await setting.apply([configMap(setting.namespace, "one", { a: "1", b: "1" })], ignoringB);
    await setting.edit(configMap(setting.namespace, "one", {}), { data: { b: null } });
    await setting.apply([configMap(setting.namespace, "one", { a: "2", b: "1" })], ignoringB);
    assert.deepEqual(await read(setting), { a: "2" });
  });

  test("is put back once it is no longer ignored", async () => {
    await using setting = await openSetting();
    const one = configMap(setting.namespace, "one", { a: "1", b: "1" });
    await setting.apply([one], ignoringB);
    await setting.edit(one, { data: { b: "theirs" } });
    await setting.apply([one], ignoringB);
    assert.deepEqual(actions(await setting.apply([one])), ["ConfigMap/one configured"]);
    assert.deepEqual(await read(setting), { a: "1", b: "1" });
  });

  test("has the declared value when its object is recreated", async () => {
    await using setting = await openSetting();
    const one = { ...configMap(setting.namespace, "one", { a: "1", b: "1" }), immutable: true };
    await setting.apply([one], ignoringB);
    await setting.apply([{ ...one, data: { a: "2", b: "2" } }], { ...ignoringB, force: true });
    assert.deepEqual(await read(setting), { a: "2", b: "2" });
  });

  test("may change as often as it likes: the object is not written, and its owner is triggered once at most", async () => {
    await using setting = await openSetting();
    const one = configMap(setting.namespace, "one", { a: "1", b: "1" });
    await setting.apply([one], ignoringB);
    for (let round = 0; round < 5; round++) {
      const { metadata } = await setting.edit(one, { data: { b: `theirs ${round}` } });
      assert.deepEqual(actions(await setting.apply([one], ignoringB)), ["ConfigMap/one unchanged"]);
      assert.equal((await setting.read("ConfigMap", "one"))?.metadata.resourceVersion, metadata.resourceVersion);
    }
    // What comes after all of the edits shows that their events have come.
    await setting.edit(one, { data: { a: "theirs" } });
    await eventually(() => setting.drifts.length > 0, { what: "the drift of the other field" });
    assert.ok(setting.drifts.length <= 2, setting.drifts.join());
  });

  test("may change all the time, which does not keep the others from being applied", async () => {
    await using setting = await openSetting();
    const one = configMap(setting.namespace, "one", { a: "0", b: "0" });
    await setting.apply([one], ignoringB);
    const writing = new AbortController();
    const write = async () => {
      for (let count = 0; !writing.signal.aborted; count++) await setting.edit(one, { data: { b: `theirs ${count}` } });
    };
    const writers = [write(), write(), write()];
    try {
      for (let round = 1; round <= 10; round++) {
        const outcome = await setting.apply(
          [configMap(setting.namespace, "one", { a: `${round}`, b: "0" })],
          ignoringB,
        );
        assert.deepEqual(actions(outcome), ["ConfigMap/one configured"], messageOf(outcome));
      }
    } finally {
      writing.abort();
      await Promise.all(writers);
    }
    assert.partialDeepStrictEqual(await read(setting), { a: "10" });
    assert.match(String((await setting.read("ConfigMap", "one"))?.["data"]?.["b" as never]), /theirs/);
  });

  test("is left alone after a restart too, which writes nothing", async () => {
    await using setting = await openSetting();
    const objects = ["one", "two"].map((name) => configMap(setting.namespace, name, { a: "1", b: "1" }));
    await setting.apply(objects, ignoringB);
    for (const object of objects) await setting.edit(object, { data: { b: "theirs" } });
    await setting.apply(objects, ignoringB);
    await using restarted = createTestApplier(setting.kube, { drifts: [], health: { count: 0 } });
    setting.requests.length = 0;
    const request = {
      owner: setting.owner,
      objects: objects.map((object) => ({ object })),
      force: false,
      timeoutMs: 1_000,
    };
    const outcome = await restarted.apply({ ...request, ...ignoringB }, new AbortController().signal);
    assert.deepEqual(actions(outcome), ["ConfigMap/one unchanged", "ConfigMap/two unchanged"]);
    assert.deepEqual(setting.requests, ["list configmaps"]);
    assert.deepEqual(await read(setting), { a: "1", b: "theirs" });
  });

  test("of an item of a list is that of the item with the same name", async () => {
    await using setting = await openSetting();
    const { namespace } = setting;
    const path = ignoring("/template/spec/containers/0/resources");
    const resources = (cpu: string) => ({ resources: { limits: { cpu } } });
    await setting.apply([template(namespace, container("app", resources("1")), container("log"))], path);
    const theirs = [container("sidecar", resources("7")), container("app", resources("5")), container("log")];
    await setting.edit(template(namespace), { template: { spec: { containers: theirs } } });
    await setting.apply(
      [template(namespace, container("app", { ...resources("1"), image: "app:2" }), container("log"))],
      path,
    );
    const live = containersOf(await setting.read("PodTemplate", "web"));
    const app = live.find(({ name }) => name === "app");
    assert.deepEqual([app?.["image"], app?.["resources"]], ["app:2", resources("5").resources]);
  });

  test("of an item that is new has the declared value", async () => {
    await using setting = await openSetting();
    const { namespace } = setting;
    const path = ignoring("/template/spec/containers/1/image", "/template/spec/containers/1/args");
    await setting.apply([template(namespace, container("app"))], path);
    await setting.apply([template(namespace, container("app"), container("log", { args: ["-v"] }))], path);
    const [, log] = containersOf(await setting.read("PodTemplate", "web"));
    assert.deepEqual([log?.["image"], log?.["args"]], ["example.org/app:1", ["-v"]]);
  });

  test("within a list that has one owner as a whole keeps its value", async () => {
    await using setting = await openSetting();
    const { namespace } = setting;
    const path = ignoring("/template/spec/containers/0/args/1");
    const withArgs = (...args: string[]) => template(namespace, container("app", { args }));
    await setting.apply([withArgs("a", "b")], path);
    await setting.edit(withArgs(), {
      template: { spec: { containers: [container("app", { args: ["a", "theirs"] })] } },
    });
    await setting.apply([withArgs("c", "b")], path);
    const [app] = containersOf(await setting.read("PodTemplate", "web"));
    assert.deepEqual(app?.["args"], ["c", "theirs"]);
  });

  test("within a map of somebody else's that has one owner as a whole stays with the rest of it", async () => {
    await using setting = await openSetting();
    const { namespace } = setting;
    const path = ignoring("/template/spec/nodeSelector/disk");
    await setting.apply([template(namespace, container("app"))], path);
    const nodeSelector = { disk: "ssd", zone: "a" };
    const theirs = { ...template(namespace), template: { spec: { containers: [container("app")], nodeSelector } } };
    await applyAs(setting, "scaler", theirs);
    await setting.apply([template(namespace, container("app", { image: "example.org/app:2" }))], path);
    const live = await setting.read("PodTemplate", "web");
    assert.partialDeepStrictEqual(live, { template: { spec: { nodeSelector } } });
  });

  test("that holds others is left to each of their owners", async () => {
    await using setting = await openSetting();
    const path = ignoring("/data");
    await setting.apply([configMap(setting.namespace, "one", { ours: "1", shared: "1" })], path);
    await applyAs(setting, "scaler", configMap(setting.namespace, "one", { shared: "1", theirs: "1" }));
    const next = configMap(setting.namespace, "one", { ours: "2", more: "2" }, { labels: { next: "yes" } });
    await setting.apply([next], path);
    const live = await setting.read("ConfigMap", "one");
    assert.deepEqual(dataOf(live), { ours: "1", shared: "1", theirs: "1" });
    assert.equal(live?.metadata.labels?.["next"], "yes");
    assert.deepEqual(
      ["ours", "shared"].map((field) => owns(live, field)),
      [true, false],
    );
  });

  test("never takes an object its name or the labels of its owner", async () => {
    await using setting = await openSetting();
    const one = configMap(setting.namespace, "one", { a: "1" });
    const paths = ignoring(
      "/metadata",
      "/metadata/labels",
      "/metadata/name",
      "/kind",
      "/apiVersion",
      "/data/a/b",
      "/x/y",
    );
    await setting.apply([one], paths);
    await setting.edit(one, { metadata: { labels: { "kustomize.toolkit.fluxcd.io/name": "other" } } });
    await setting.apply([configMap(setting.namespace, "one", { a: "2" })], paths);
    const live = await setting.read("ConfigMap", "one");
    assert.deepEqual(dataOf(live), { a: "2" });
    assert.equal(live?.metadata.labels?.["kustomize.toolkit.fluxcd.io/name"], "app");
  });

  test("by a rule that cannot be read rejects the apply before anything is written", async () => {
    await using setting = await openSetting();
    const outcome = await setting.apply([configMap(setting.namespace, "one", { a: "1" })], ignoring("data.a"));
    assert.match(messageOf(outcome), /spec\.ignore\[0\]\.paths: "data\.a" is not a valid JSON pointer/);
    assert.equal(await setting.read("ConfigMap", "one"), undefined);
  });
});

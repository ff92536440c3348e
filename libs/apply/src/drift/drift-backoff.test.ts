import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { connect } from "@leat/kube";
import { eventually, startControlPlane } from "@leat/testing";
import { openLimited } from "../../test/limited.ts";
import { actions, configMap, createTestApplier, group, openSetting, type Setting } from "../../test/fixture.ts";
import { createDriftReports, pauseOf } from "./drift-backoff.ts";

suite("drift", () => {
  test("a hand edit is reported within a second, once, and corrected", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply, edit, drifts, read } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await settle([one]);
    await edit(one, { data: { a: "2" } });
    await told(setting, [`ConfigMap/${namespace}/one`]);
    await edit(one, { data: { a: "3" } });
    await seen(setting, one);
    assert.equal(drifts.length, 1);
    assert.deepEqual(actions(await apply([one])), ["ConfigMap/one configured"]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "1" });
    await seen(setting, one);
    assert.equal(drifts.length, 1);
  });

  test("a field removed by hand, and one set by kubectl beside ours, are drift", async () => {
    await using setting = await openSetting();
    const { namespace, settle, edit, read } = setting;
    const one = configMap(namespace, "one", { a: "1", b: "2" });
    await settle([one]);
    await edit(one, { data: { b: null } });
    await told(setting, [`ConfigMap/${namespace}/one`]);
    await settle([one]);
    await edit(one, { data: { c: "3" } }, "kubectl-edit");
    await told(setting, [`ConfigMap/${namespace}/one`, `ConfigMap/${namespace}/one`]);
    await settle([one]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "1", b: "2" });
  });

  test("what others set beside our fields is none, and costs no request", async () => {
    await using setting = await openSetting();
    const { namespace, settle, edit, drifts, requests, apply } = setting;
    const web = deployment(namespace);
    const one = configMap(namespace, "one", { a: "1" });
    await settle([web, one]);
    await edit(web, { metadata: { labels: { note: "x" } } }, "labeller");
    await setStatus(setting, web, { observedGeneration: 2 });
    await seen(setting, web);
    assert.deepEqual(drifts, []);
    requests.length = 0;
    const unchanged = ["ConfigMap/one unchanged", "Deployment/web unchanged"];
    assert.deepEqual(actions(await apply([web, one])), unchanged);
    assert.deepEqual(requests, []);
    await edit(web, { spec: { replicas: 2 } }, "autoscaler");
    await seen(setting, web);
    assert.deepEqual(drifts, []);
    assert.deepEqual(actions(await apply([web, one])), unchanged);
  });

  test("a deletion is told, and the object is made again", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await settle([one]);
    await setting.delete(one);
    await told(setting, [`ConfigMap/${namespace}/one`]);
    assert.deepEqual(actions(await apply([one])), ["ConfigMap/one created"]);
  });

  test("the loss of a label is told, and the label comes back", async () => {
    await using setting = await openSetting();
    const { namespace, settle, edit, read } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    for (const [count, label] of [`${group}/name`, `${group}/namespace`].entries()) {
      await settle([one]);
      await edit(one, { metadata: { labels: { [label]: null } } });
      await told(
        setting,
        Array.from({ length: count + 1 }, () => `ConfigMap/${namespace}/one`),
      );
    }
    await settle([one]);
    assert.equal((await read("ConfigMap", "one"))?.metadata.labels?.[`${group}/namespace`], namespace);
  });

  test("our own writes are none, however quickly they follow each other", async () => {
    await using setting = await openSetting();
    const { namespace, apply, settle, applier, owner, drifts } = setting;
    const objects = (value: number) => [1, 2, 3, 4].map((n) => configMap(namespace, `c${n}`, { value: `${value}` }));
    let inventory: { id: string; v: string }[] = [];
    for (let value = 0; value < 10; value += 1) ({ inventory } = await apply(objects(value)));
    await settle(objects(10));
    await applier.prune({ owner, entries: inventory }, AbortSignal.timeout(10_000));
    await gone(setting, "c4");
    assert.deepEqual(drifts, []);
  });

  test("an object that is only created may be changed by anybody, and is made again when it is deleted", async () => {
    await using setting = await openSetting();
    const { namespace, apply, edit, drifts, read } = setting;
    const one = configMap(namespace, "one", { a: "1" }, { annotations: { [`${group}/ssa`]: "IfNotPresent" } });
    assert.deepEqual(actions(await apply([one])), ["ConfigMap/one created"]);
    await edit(one, { data: { a: "2" } });
    await seen(setting, one);
    assert.deepEqual(actions(await apply([one])), ["ConfigMap/one skipped"]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "2" });
    assert.deepEqual(drifts, []);
    await setting.delete(one);
    await told(setting, [`ConfigMap/${namespace}/one`]);
    assert.deepEqual(actions(await apply([one])), ["ConfigMap/one created"]);
  });

  test("an object with reconciliation disabled in the cluster is left alone", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply, edit, drifts, read } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await settle([one]);
    const annotations = { [`${group}/reconcile`]: "disabled" };
    await edit(one, { metadata: { annotations }, data: { a: "2" } }, "kubectl-annotate");
    await seen(setting, one);
    assert.deepEqual(drifts, []);
    assert.deepEqual(actions(await apply([{ ...one, data: { a: "3" } }])), ["ConfigMap/one skipped"]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "2" });
  });

  test("an object that is enabled again, or deleted while it was disabled, is told", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply, edit, read } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    const subjects: string[] = [];
    for (const [key, value] of [
      ["reconcile", "disabled"],
      ["ssa", "IfNotPresent"],
    ]) {
      await settle([one]);
      const annotations = (of: string | null | undefined) => ({
        metadata: { annotations: { [`${group}/${key}`]: of } },
      });
      await edit(one, { ...annotations(value), data: { a: "2" } });
      await seen(setting, one);
      assert.deepEqual(actions(await apply([one])), ["ConfigMap/one skipped"]);
      await edit(one, annotations(null));
      subjects.push(`ConfigMap/${namespace}/one`);
      await told(setting, subjects);
      assert.deepEqual(actions(await apply([one])), ["ConfigMap/one configured"]);
      await edit(one, annotations(value));
      await seen(setting, one);
      assert.deepEqual(actions(await apply([one])), ["ConfigMap/one skipped"]);
      await setting.delete(one);
      subjects.push(`ConfigMap/${namespace}/one`);
      await told(setting, subjects);
    }
    await apply([one]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "1" });
  });

  test("what was set by hand is drift once the object no longer says to merge it", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply, edit, drifts, read } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    const merge = (value: string | null) => ({ metadata: { annotations: { [`${group}/ssa`]: value } } });
    await settle([one]);
    await edit(one, { ...merge("Merge"), data: { more: "x" } }, "kubectl-edit");
    await seen(setting, one);
    assert.deepEqual(drifts, []);
    assert.deepEqual(actions(await apply([{ ...one, data: { a: "2" } }])), ["ConfigMap/one configured"]);
    await edit(one, merge(null));
    await told(setting, [`ConfigMap/${namespace}/one`]);
    await apply([{ ...one, data: { a: "2" } }]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "2" });
  });

  test("an object that has moved to another owner is looked after when the first has pruned it", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply, applier, owner, edit } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    const { inventory } = await settle([one]);
    await apply([one], { owner: { name: "other", namespace } });
    await apply([]);
    const { deleted } = await applier.prune({ owner, entries: inventory }, AbortSignal.timeout(10_000));
    assert.deepEqual(deleted, []);
    await edit(one, { data: { a: "2" } });
    await told(setting, [`ConfigMap/${namespace}/one`]);
  });

  test("an object that the source says to ignore is listed and not applied", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    const one = configMap(namespace, "one", {}, { labels: { [`${group}/ssa`]: "Ignore" } });
    const outcome = await apply([one, configMap(namespace, "two", {})]);
    assert.deepEqual(actions(outcome), ["ConfigMap/one skipped", "ConfigMap/two created"]);
    assert.equal(outcome.inventory.length, 2);
    assert.equal(await read("ConfigMap", "one"), undefined);
  });

  test("nothing is told of an object that is no longer declared", async () => {
    await using setting = await openSetting();
    const { namespace, settle, edit, drifts } = setting;
    const [one, two] = [configMap(namespace, "one", { a: "1" }), configMap(namespace, "two", { a: "1" })];
    await settle([one, two]);
    await settle([two]);
    await edit(one, { data: { a: "2" } });
    await seen(setting, one);
    assert.deepEqual(drifts, []);
  });

  test("nothing is told of an owner that is forgotten", async () => {
    await using setting = await openSetting();
    const { namespace, settle, applier, owner, drifts } = setting;
    const [one, two] = [configMap(namespace, "one", {}), configMap(namespace, "two", {})];
    await settle([one]);
    const other = { name: "other", namespace };
    await applier.apply(
      { owner: other, objects: [{ object: two }], force: false, timeoutMs: 5_000 },
      AbortSignal.timeout(5_000),
    );
    applier.forget(owner);
    await setting.delete(one);
    await setting.delete(two);
    await told(setting, [`ConfigMap/${namespace}/two`]);
    assert.equal(drifts.length, 1);
  });
});

suite("without a watch", () => {
  test("what may not be watched is applied the long way", async () => {
    await using setting = await openSetting();
    const { namespace, kube } = setting;
    await using limited = await openLimited(setting, { resources: { "": ["configmaps"] }, verbs: [] });
    await using applier = createTestApplier(limited.kube, setting);
    const one = configMap(namespace, "one", { a: "1" });
    const apply = async () =>
      applier.apply(
        { owner: setting.owner, objects: [{ object: one }], force: false, timeoutMs: 5_000 },
        AbortSignal.timeout(20_000),
      );
    assert.deepEqual(actions(await apply()), ["ConfigMap/one created"]);
    assert.deepEqual(actions(await apply()), ["ConfigMap/one unchanged"]);
    await setting.edit(one, { data: { a: "2" } });
    assert.deepEqual(actions(await apply()), ["ConfigMap/one configured"]);
    assert.deepEqual((await kube.get({ resource: core.ConfigMap, namespace, name: "one" }))?.["data"], { a: "1" });
  });

  test("a restart of the API server is lived through", async () => {
    await using controlPlane = await startControlPlane();
    await using kube = await connect({ kubeconfig: controlPlane.kubeconfig });
    const said = { drifts: [] as string[], health: { count: 0 } };
    await using applier = createTestApplier(kube, said);
    const owner = { name: "app", namespace: "default" };
    const one = configMap("default", "one", { a: "1" });
    const apply = async (data: object) =>
      applier.apply(
        { owner, objects: [{ object: { ...one, data } }], force: false, timeoutMs: 5_000 },
        AbortSignal.timeout(30_000),
      );
    assert.deepEqual(actions(await apply({ a: "1" })), ["ConfigMap/one created"]);
    await controlPlane.stopApiServer();
    await assert.rejects(apply({ a: "2" }), { name: "Fault", reason: "APIServerUnavailable" });
    await controlPlane.startApiServer();
    assert.deepEqual(actions(await apply({ a: "2" })), ["ConfigMap/one configured"]);
    assert.deepEqual(said.drifts, []);
    await kube.delete({ resource: core.ConfigMap, namespace: "default", name: "one" });
    await eventually(() => said.drifts.length > 0, { what: "the deletion to be told", timeoutMs: 20_000 });
    assert.deepEqual(actions(await apply({ a: "2" })), ["ConfigMap/one created"]);
  });
});

suite("the pace of reports", () => {
  const pace = { burst: 2, firstPauseMs: 20, longestPauseMs: 50, quietMs: 10_000 };

  test("pauses grow after some reports, up to a limit", () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 9].map((count) => pauseOf(count, pace)),
      [0, 0, 20, 40, 50, 50],
    );
  });

  test("a report that is held back is told once, and not after its owner is forgotten", async () => {
    const lines: string[] = [];
    using reports = createDriftReports((owner, subject) => lines.push(`${owner} ${subject}`), pace);
    for (let time = 0; time < 5; time += 1) reports.report("a", "x");
    reports.report("b", "x");
    assert.deepEqual(lines, ["a x", "a x", "b x"]);
    await eventually(() => lines.length === 4, { what: "the report that was held back" });
    reports.report("a", "x");
    reports.forget("a");
    for (let time = 0; time < 3; time += 1) reports.report("b", "x");
    await eventually(() => lines.filter((line) => line === "b x").length === 3, {
      what: "the reports of the other owner",
    });
    assert.equal(lines.filter((line) => line === "a x").length, 3);
  });
});

async function told({ drifts }: Setting, subjects: string[]): Promise<void> {
  await eventually(() => drifts.length >= subjects.length, {
    what: `drift of ${subjects.join(", ")}`,
    timeoutMs: 1_000,
  });
  assert.deepEqual(drifts, subjects);
}

/** Returns when the applier's watch must have seen all that has happened to the object. */
async function seen(
  { kube, namespace, drifts, delete: remove, apply }: Setting,
  { apiVersion, kind }: KubeObject,
): Promise<void> {
  const resource = await kube.resourceOf(apiVersion, kind);
  assert.ok(resource);
  // An event of one resource comes after those before it: a later drift of another object is the sign.
  const marker =
    kind === "Deployment"
      ? { ...deployment(namespace), metadata: { name: "marker", namespace } }
      : configMap(namespace, "marker", {});
  await apply([marker], { owner: { name: "marker", namespace } });
  const count = drifts.length;
  await remove(marker);
  await eventually(() => drifts.length > count, { what: "the watch to have seen everything" });
  const at = drifts.findIndex((subject) => subject.endsWith("/marker"));
  drifts.splice(at, 1);
}

async function gone({ read }: Setting, name: string): Promise<void> {
  await eventually(async () => (await read("ConfigMap", name)) === undefined, { what: `${name} to be gone` });
}

function deployment(namespace: string, spec: object = {}): KubeObject {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "none.invalid/none" }] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

async function setStatus(
  { kube, namespace }: Setting,
  { apiVersion, kind, metadata: { name } }: KubeObject,
  status: object,
): Promise<void> {
  const resource = await kube.resourceOf(apiVersion, kind);
  assert.ok(resource);
  await kube.patch(
    { resource, namespace, name },
    { type: "merge", body: { status } },
    { fieldManager: "kubelet", subresource: "status" },
  );
}

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { configMap, group, openSetting, type Setting } from "../../test/fixture.ts";
import type { Health, HealthTarget } from "./health.ts";
import { customReadings } from "./kstatus/custom-readings.ts";

suite("health", () => {
  test("is good of what exists and has no status, and costs nothing while it rests", async () => {
    await using setting = await openSetting();
    const { namespace, settle, requests } = setting;
    await settle([configMap(namespace, "one", {})]);
    const targets = [target("v1", "ConfigMap", namespace, "one")];
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
    requests.length = 0;
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
    assert.deepEqual(requests, []);
  });

  test("triggers the owner each time that a Deployment comes nearer, and rests when it is there", async () => {
    await using setting = await openSetting();
    const { namespace, apply, health: triggered } = setting;
    await apply([deployment(namespace, "web", "pause")]);
    const targets = [target("apps/v1", "Deployment", namespace, "web")];
    let last = await health(setting, targets);
    assert.equal(last.kind, "inProgress");
    while (last.kind !== "healthy") {
      const { count } = triggered;
      await eventually(
        () => triggered.count > count || health(setting, targets).then(({ kind }) => kind === "healthy"),
        {
          what: "the owner to be triggered",
          timeoutMs: 20_000,
        },
      );
      last = await health(setting, targets);
    }
    const { count } = triggered;
    await setting.edit(deployment(namespace, "web", "pause"), { metadata: { labels: { note: "x" } } });
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
    assert.equal(triggered.count, count);
  });

  test("a failure names the object and why", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    await apply([configMap(namespace, "one", {})]);
    await createPod(setting);
    await setPodStatus(setting, { phase: "Failed", message: "evicted" });
    const targets = [target("v1", "Pod", namespace, "p"), target("v1", "ConfigMap", namespace, "one")];
    const objects = [{ subject: `Pod/${namespace}/p`, message: "evicted" }];
    assert.deepEqual(await health(setting, targets), { kind: "failed", objects, inProgress: 0 });
  });

  test("a failure does not repeat what was put into the object and may not be told", async () => {
    await using setting = await openSetting();
    await createPod(setting);
    await setPodStatus(setting, { phase: "Failed", message: 'no image "registry/sesame"' });
    const targets = [{ ...target("v1", "Pod", setting.namespace, "p"), secrets: ["sesame"] }];
    const objects = [{ subject: `Pod/${setting.namespace}/p`, message: 'no image "registry/***"' }];
    assert.deepEqual(await health(setting, targets), { kind: "failed", objects, inProgress: 0 });
  });

  test("waits for an object that is not there and is not ours, and is triggered when it comes", async () => {
    await using setting = await openSetting();
    const { namespace, kube, health: triggered, applier, owner } = setting;
    const targets = [target("v1", "ConfigMap", namespace, "theirs")];
    assert.deepEqual(await health(setting, targets), {
      kind: "inProgress",
      objects: [{ subject: `ConfigMap/${namespace}/theirs`, status: "NotFound", message: "does not exist" }],
    });
    const resource = await kube.resourceOf("v1", "ConfigMap");
    assert.ok(resource);
    await kube.create(resource, configMap(namespace, "theirs", {}), { fieldManager: "them" });
    await eventually(() => triggered.count > 0, { what: "the owner to be triggered", timeoutMs: 1_000 });
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
    applier.forget(owner);
  });

  test("is triggered by what changed between the look and the watch", async () => {
    await using setting = await openSetting();
    const { namespace, health: triggered } = setting;
    await createPod(setting);
    const targets = [target("v1", "Pod", namespace, "p")];
    assert.equal((await health(setting, targets)).kind, "inProgress");
    await setPodStatus(setting, { phase: "Succeeded" });
    await eventually(() => triggered.count > 0, { what: "the owner to be triggered" });
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
  });

  test("an unknown kind is not there yet", async () => {
    await using setting = await openSetting();
    const seen = await health(setting, [target("example.org/v1", "Gadget", setting.namespace, "g")]);
    assert.partialDeepStrictEqual(seen, { kind: "inProgress", objects: [{ status: "NotFound" }] });
  });

  test("what may not be read has failed", async () => {
    await using setting = await openSetting();
    const { namespace, kube } = setting;
    const as = kube.impersonate(`system:serviceaccount:${namespace}:nobody`);
    const seen = await health(setting, [target("v1", "ConfigMap", namespace, "theirs")], as);
    assert.equal(seen.kind, "failed");
    assert.match(seen.kind === "failed" ? (seen.objects[0]?.message ?? "") : "", /nobody" cannot get resource/);
  });

  test("objects that are left alone, and the owner itself, are not looked at", async () => {
    await using setting = await openSetting();
    const { namespace, kube } = setting;
    const resource = await kube.resourceOf("apps/v1", "Deployment");
    assert.ok(resource);
    const web = deployment(namespace, "web", "pause");
    const annotations = { [`${group}/reconcile`]: "disabled" };
    await kube.create(resource, { ...web, metadata: { ...web.metadata, annotations } }, { fieldManager: "them" });
    const targets = [
      target("apps/v1", "Deployment", namespace, "web"),
      target(`${group}/v1`, "Kustomization", namespace, "app"),
    ];
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
  });

  test("what the last run has skipped is not waited for", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    await apply([configMap(namespace, "one", {}, { annotations: { [`${group}/reconcile`]: "disabled" } })]);
    assert.deepEqual(await health(setting, [target("v1", "ConfigMap", namespace, "one")]), { kind: "healthy" });
    assert.equal((await health(setting, [target("v1", "ConfigMap", namespace, "two")])).kind, "inProgress");
  });

  test("a Job that has removed itself is done", async () => {
    await using setting = await openSetting();
    const { namespace, apply, drifts } = setting;
    const spec = { restartPolicy: "Never", containers: [{ name: "main", image: "none.invalid/none" }] };
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "once", namespace },
      spec: { suspend: true, ttlSecondsAfterFinished: 0, template: { spec } },
    };
    await apply([job]);
    await setting.delete(job);
    await eventually(async () => (await setting.read("Job", "once", "batch/v1")) === undefined, {
      what: "the Job to be gone",
    });
    assert.deepEqual(await health(setting, [target("batch/v1", "Job", namespace, "once")]), { kind: "healthy" });
    assert.deepEqual(drifts, []);
  });

  test("is read by the expressions of the request, again where they change and never twice where nothing does", async () => {
    await using setting = await openSetting();
    const { namespace, settle, requests } = setting;
    await settle([configMap(namespace, "one", { phase: "Done" })]);
    const targets = [target("v1", "ConfigMap", namespace, "one")];
    const asked = (current: string) => healthBy(setting, targets, current);
    assert.equal((await asked("data.phase == 'Working'")).kind, "inProgress");
    assert.deepEqual(await asked("data.phase == 'Done'"), { kind: "healthy" });
    requests.length = 0;
    assert.deepEqual(await asked("data.phase == 'Done'"), { kind: "healthy" });
    assert.deepEqual(requests, []);
    assert.equal((await asked("data.phase == 'Working'")).kind, "inProgress");
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
  });

  test("triggers the owner when an object changes that no expression calls current", async () => {
    await using setting = await openSetting();
    const { namespace, settle, health: triggered } = setting;
    const object = configMap(namespace, "one", { phase: "Working" });
    await settle([object]);
    const targets = [target("v1", "ConfigMap", namespace, "one")];
    const first = await healthBy(setting, targets, "data.phase == 'Done'");
    assert.partialDeepStrictEqual(first, { objects: [{ message: "healthCheckExprs.current evaluated to false" }] });
    const { count } = triggered;
    await setting.edit(object, { data: { phase: "Done" } });
    await eventually(() => triggered.count > count, { what: "the owner to be triggered" });
    assert.deepEqual(await healthBy(setting, targets, "data.phase == 'Done'"), { kind: "healthy" });
  });
});

function target(apiVersion: string, kind: string, namespace: string, name: string): HealthTarget {
  return { apiVersion, kind, namespace, name };
}

async function health({ applier, owner }: Setting, objects: HealthTarget[], as?: Setting["kube"]): Promise<Health> {
  return applier.health({ owner, objects, as }, AbortSignal.timeout(20_000));
}

/** With an expression for ConfigMaps. */
async function healthBy({ applier, owner }: Setting, objects: HealthTarget[], current: string): Promise<Health> {
  const custom = await customReadings([{ apiVersion: "v1", kind: "ConfigMap", current }]);
  assert.equal(custom.kind, "readings");
  return applier.health({ owner, objects, readings: custom.readings }, AbortSignal.timeout(20_000));
}

function deployment(namespace: string, name: string, image: string): KubeObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image }] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template },
  };
}

/** A pod `p` that belongs to nobody and stays as it is. */
async function createPod({ kube, namespace }: Setting): Promise<void> {
  const spec = { containers: [{ name: "main", image: "none.invalid/none" }], nodeName: "nowhere" };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace }, spec };
  await kube.create(core.Pod, pod, { fieldManager: "them" });
}

async function setPodStatus({ kube, namespace }: Setting, status: object): Promise<void> {
  const options = { fieldManager: "them", subresource: "status" } as const;
  await kube.patch({ resource: core.Pod, namespace, name: "p" }, { type: "merge", body: { status } }, options);
}

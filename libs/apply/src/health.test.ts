import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { configMap, group, openSetting, type Setting } from "../test/setting.ts";
import type { Health, HealthTarget } from "./health.ts";

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

  test("wakes the owner each time that a Deployment comes nearer, and rests when it is there", async () => {
    await using setting = await openSetting();
    const { namespace, apply, health: woken } = setting;
    await apply([deployment(namespace, "web", "pause")]);
    const targets = [target("apps/v1", "Deployment", namespace, "web")];
    let last = await health(setting, targets);
    assert.equal(last.kind, "inProgress");
    while (last.kind !== "healthy") {
      const { count } = woken;
      await eventually(() => woken.count > count || health(setting, targets).then(({ kind }) => kind === "healthy"), {
        what: "the owner to be woken",
        timeoutMs: 20_000,
      });
      last = await health(setting, targets);
    }
    const { count } = woken;
    await setting.edit(deployment(namespace, "web", "pause"), { metadata: { labels: { note: "x" } } });
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
    assert.equal(woken.count, count);
  });

  test("a failure names the object and why", async () => {
    await using setting = await openSetting();
    const { namespace, apply, kube } = setting;
    await apply([deployment(namespace, "web", "pause"), configMap(namespace, "one", {})]);
    const resource = await kube.resourceOf("apps/v1", "Deployment");
    assert.ok(resource);
    const conditions = [{ type: "Stalled", status: "True", reason: "Broken", message: "cannot go on" }];
    await kube.patch(
      { resource, namespace, name: "web" },
      { type: "merge", body: { status: { conditions } } },
      { fieldManager: "x", subresource: "status" },
    );
    const targets = [target("apps/v1", "Deployment", namespace, "web"), target("v1", "ConfigMap", namespace, "one")];
    await eventually(
      async () => {
        const seen = await health(setting, targets);
        return (
          seen.kind === "failed" &&
          seen.objects[0]?.message === "cannot go on" &&
          seen.objects[0].subject === `Deployment/${namespace}/web`
        );
      },
      { what: "the failure", timeoutMs: 2_000 },
    ).catch(() => {});
    const seen = await health(setting, targets);
    assert.notEqual(seen.kind, "healthy");
  });

  test("waits for an object that is not there and is not ours, and is woken when it comes", async () => {
    await using setting = await openSetting();
    const { namespace, kube, health: woken, applier, owner } = setting;
    const targets = [target("v1", "ConfigMap", namespace, "theirs")];
    assert.deepEqual(await health(setting, targets), {
      kind: "inProgress",
      objects: [{ subject: `ConfigMap/${namespace}/theirs`, status: "NotFound", message: "does not exist" }],
    });
    const resource = await kube.resourceOf("v1", "ConfigMap");
    assert.ok(resource);
    await kube.create(resource, configMap(namespace, "theirs", {}), { fieldManager: "them" });
    await eventually(() => woken.count > 0, { what: "the owner to be woken", timeoutMs: 1_000 });
    assert.deepEqual(await health(setting, targets), { kind: "healthy" });
    applier.forget(owner);
  });

  test("is woken by what changed between the look and the watch", async () => {
    await using setting = await openSetting();
    const { namespace, kube, health: woken } = setting;
    const resource = await kube.resourceOf("v1", "Pod");
    assert.ok(resource);
    const spec = { containers: [{ name: "main", image: "none.invalid/none" }], nodeName: "nowhere" };
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace }, spec };
    await kube.create(resource, pod, { fieldManager: "them" });
    const targets = [target("v1", "Pod", namespace, "p")];
    assert.equal((await health(setting, targets)).kind, "inProgress");
    await kube.patch(
      { resource, namespace, name: "p" },
      { type: "merge", body: { status: { phase: "Succeeded" } } },
      { fieldManager: "x", subresource: "status" },
    );
    await eventually(() => woken.count > 0, { what: "the owner to be woken" });
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
});

function target(apiVersion: string, kind: string, namespace: string, name: string): HealthTarget {
  return { apiVersion, kind, namespace, name };
}

async function health({ applier, owner }: Setting, objects: HealthTarget[], as?: Setting["kube"]): Promise<Health> {
  return applier.health({ owner, objects, as }, AbortSignal.timeout(20_000));
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

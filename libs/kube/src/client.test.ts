import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core, Fault, type KubeObject } from "@leat/api";
import { eventually } from "@leat/testing";
import { configMap, deployment, fieldManager, job, openSetting, type Setting } from "../test/fixture.ts";
import { ApiError } from "./api-error.ts";
import type { Kube } from "./kube.ts";

suite("requests to an API server", () => {
  let setting: Setting;
  let kube: Kube;
  let namespace: string;
  before(async () => {
    setting = await openSetting();
    ({ kube, namespace } = setting);
  });
  after(() => setting[Symbol.asyncDispose]());

  test("apply creates once and then updates", async () => {
    const object = configMap(namespace, "apply");
    const first = await kube.apply(core.ConfigMap, object, { fieldManager });
    const second = await kube.apply(core.ConfigMap, { ...object, data: { key: "other" } }, { fieldManager });
    assert.deepEqual([first.created, second.created], [true, false]);
    assert.deepEqual(second.object["data"], { key: "other" });
    assert.deepEqual(
      second.object.metadata.managedFields?.map(({ manager, operation }) => [manager, operation]),
      [[fieldManager, "Apply"]],
    );
  });

  test("an apply sends every character as it is", async () => {
    const text =
      "x \u2028 y \u2029 z \u0085 \u007f \u0080 \u009f \ufeff \ufffe \uffff \u{1f600}\n two \u2028 three\n\t\u0001";
    const { object } = await kube.apply(core.ConfigMap, configMap(namespace, "text", { key: text }), { fieldManager });
    assert.deepEqual(object["data"], { key: text });
  });

  test("integers of 64 bits are read and written as they are, by every kind of write", async () => {
    const [resource, name] = [await kube.resourceOf("batch/v1", "Job"), "large"];
    assert.ok(resource);
    const deadlines = [1152921504606846977n, 9007199254740993n, 9223372036854775807n, 1152921504606846976n] as const;
    const current = async () => {
      const object = await kube.get({ resource, namespace, name });
      assert.ok(object);
      return object;
    };
    const withDeadline = (object: KubeObject, activeDeadlineSeconds: bigint) => ({
      ...object,
      spec: { ...(object["spec"] as object), activeDeadlineSeconds },
    });
    const writes: Array<(deadline: bigint) => Promise<unknown>> = [
      (deadline) => kube.create(resource, withDeadline(job(namespace, name), deadline), { fieldManager }),
      (activeDeadlineSeconds) =>
        kube.patch(
          { resource, namespace, name },
          { type: "merge", body: { spec: { activeDeadlineSeconds } } },
          { fieldManager },
        ),
      async (deadline) => kube.replace(resource, withDeadline(await current(), deadline), { fieldManager }),
      (deadline) => kube.apply(resource, withDeadline(job(namespace, name), deadline), { fieldManager, force: true }),
    ];
    for (const [index, write] of writes.entries()) {
      const deadline = deadlines[index] ?? 0n;
      await write(deadline);
      assert.partialDeepStrictEqual((await current())["spec"], { activeDeadlineSeconds: deadline });
    }
  });

  test("an apply that changes nothing leaves the resourceVersion as it was", async () => {
    const object = configMap(namespace, "same");
    const first = await kube.apply(core.ConfigMap, object, { fieldManager });
    const second = await kube.apply(core.ConfigMap, object, { fieldManager });
    assert.equal(second.object.metadata.resourceVersion, first.object.metadata.resourceVersion);
  });

  test("a dry run changes nothing", async () => {
    const { created } = await kube.apply(core.ConfigMap, configMap(namespace, "dry"), { fieldManager, dryRun: true });
    assert.equal(created, true);
    assert.equal(await kube.get({ resource: core.ConfigMap, namespace, name: "dry" }), undefined);
  });

  test("an apply that takes a field from another manager is a conflict unless forced", async () => {
    await kube.apply(core.ConfigMap, configMap(namespace, "fought"), { fieldManager });
    const mine = configMap(namespace, "fought", { key: "mine" });
    const error = await rejection(kube.apply(core.ConfigMap, mine, { fieldManager: "other" }));
    assert.equal(error.code, 409);
    assert.deepEqual(
      error.causes.map(({ reason, field }) => [reason, field]),
      [["FieldManagerConflict", ".data.key"]],
    );
    const forced = await kube.apply(core.ConfigMap, mine, { fieldManager: "other", force: true });
    assert.deepEqual(forced.object["data"], { key: "mine" });
  });

  test("a field that the server does not know is an error for every kind of write, never dropped", async () => {
    const unknown = deployment(namespace, "unknown");
    const pods = (unknown["spec"] as { template: { spec: Record<string, unknown> } }).template.spec;
    pods["fooNewField"] = "kept";
    const byApply = await rejection(kube.apply(core.Deployment, unknown, { fieldManager }));
    assert.match(byApply.message, /fooNewField: field not declared in schema/);
    const byCreate = await rejection(kube.create(core.Deployment, unknown, { fieldManager }));
    assert.match(byCreate.message, /unknown field "spec.template.spec.fooNewField"/);
    await kube.create(core.Deployment, deployment(namespace, "unknown"), { fieldManager });
    const byPatch = await rejection(
      kube.patch(
        { resource: core.Deployment, namespace, name: "unknown" },
        { type: "merge", body: { spec: { fooNewField: 1 } } },
        { fieldManager },
      ),
    );
    assert.match(byPatch.message, /unknown field "spec.fooNewField"/);
  });

  test("names keep their capitals and colons", async () => {
    const name = `Leat:${namespace}:My.Role`;
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules: [] };
    const ref = { resource: core.ClusterRole, name };
    await kube.apply(core.ClusterRole, role, { fieldManager });
    assert.equal((await kube.get(ref))?.metadata.name, name);
    assert.equal(await kube.get({ ...ref, name: name.toLowerCase() }), undefined);
    assert.equal(await kube.delete(ref), true);
  });

  test("a name that would change the path is rejected before anything is sent", async () => {
    for (const name of ["", ".", ".."]) {
      await assert.rejects(kube.delete({ resource: core.ConfigMap, namespace, name }), { reason: "InvalidReference" });
    }
    await assert.rejects(
      kube.get({ resource: core.ConfigMap, name: "nowhere" }),
      /ConfigMap nowhere needs a namespace/,
    );
  });

  test("a name with a slash is nobody's, and never asks for a part of another object", async () => {
    await kube.create(core.Deployment, deployment(namespace, "whole"), { fieldManager });
    const ref = { resource: core.Deployment, namespace, name: "whole" };
    assert.ok(await kube.get(ref));
    for (const name of ["whole/status", "whole/", `../${namespace}/whole`])
      assert.equal(await kube.get({ ...ref, name }), undefined);
  });

  test("what is given is not changed, and what comes back can be sent again", async () => {
    const object = configMap(namespace, "untouched");
    const copy = structuredClone(object);
    await kube.apply(core.ConfigMap, object, { fieldManager });
    assert.deepEqual(object, copy);
    const read = await kube.get({ resource: core.ConfigMap, namespace, name: "untouched" });
    assert.ok(read);
    assert.equal(typeof read.metadata.creationTimestamp, "string");
    assert.deepEqual(await kube.replace(core.ConfigMap, read, { fieldManager }), read);
  });

  test("replace is rejected where the object has changed since it was read", async () => {
    const read = await kube.create(core.ConfigMap, configMap(namespace, "raced"), { fieldManager });
    await kube.replace(core.ConfigMap, { ...read, data: { key: "first" } }, { fieldManager });
    const error = await rejection(kube.replace(core.ConfigMap, { ...read, data: { key: "second" } }, { fieldManager }));
    assert.deepEqual([error.code, error.reason], [409, "Conflict"]);
  });

  test("patches merge and follow JSON patch", async () => {
    const ref = { resource: core.ConfigMap, namespace, name: "patched" };
    await kube.create(core.ConfigMap, configMap(namespace, "patched", { a: "1", b: "2" }), { fieldManager });
    const merged = await kube.patch(ref, { type: "merge", body: { data: { b: null, c: "3" } } }, { fieldManager });
    assert.deepEqual(merged["data"], { a: "1", c: "3" });
    const operations = [{ op: "replace", path: "/data/a", value: "9" }];
    assert.deepEqual((await kube.patch(ref, { type: "json", body: operations }, { fieldManager }))["data"], {
      a: "9",
      c: "3",
    });
    const missing = await rejection(
      kube.patch({ ...ref, name: "none" }, { type: "merge", body: {} }, { fieldManager }),
    );
    assert.deepEqual([missing.code, missing.reason], [404, "NotFound"]);
  });

  test("the status subresource changes nothing but the status", async () => {
    await kube.create(core.Deployment, deployment(namespace, "status"), { fieldManager });
    const ref = { resource: core.Deployment, namespace, name: "status" };
    const body = { status: { observedGeneration: 7 }, spec: { replicas: 5 } };
    const patched = await kube.patch(ref, { type: "merge", body }, { fieldManager, subresource: "status" });
    assert.partialDeepStrictEqual(patched, { spec: { replicas: 0 } });
  });

  test("deletion tells whether there was something, and honours preconditions and propagation", async () => {
    const ref = { resource: core.ConfigMap, namespace, name: "deleted" };
    const { metadata } = await kube.create(core.ConfigMap, configMap(namespace, "deleted"), { fieldManager });
    const error = await rejection(kube.delete(ref, { preconditions: { uid: "another" } }));
    assert.equal(error.code, 409);
    assert.ok(metadata.uid);
    assert.equal(await kube.delete(ref, { preconditions: { uid: metadata.uid } }), true);
    assert.equal(await kube.delete(ref), false);

    const inForeground = { ...ref, resource: core.Deployment };
    const owner = await kube.create(core.Deployment, deployment(namespace, "deleted"), { fieldManager });
    // Somebody holds what it owns, so that it is still there to be looked at.
    const owned = configMap(namespace, "owned");
    owned.metadata.finalizers = ["leat.dev/test"];
    owned.metadata.ownerReferences = [ownerReference(owner)];
    await kube.create(core.ConfigMap, owned, { fieldManager });
    await kube.delete(inForeground, { propagation: "Foreground" });
    const finalizers = (await kube.get(inForeground))?.metadata.finalizers;
    assert.ok(finalizers?.includes("foregroundDeletion"));
    await kube.patch(
      { resource: core.ConfigMap, namespace, name: "owned" },
      { type: "merge", body: { metadata: { finalizers: null } } },
      { fieldManager },
    );
  });

  test("lists come in pages, and their items have apiVersion and kind", async () => {
    const names = Array.from({ length: 620 }, (_, index) => `page-${String(index).padStart(3, "0")}`);
    const labelled = (name: string) => ({
      ...configMap(namespace, name),
      metadata: { namespace, name, labels: { page: "yes" } },
    });
    await Promise.all(names.map((name) => kube.create(core.ConfigMap, labelled(name), { fieldManager })));
    const { objects, resourceVersion } = await kube.list({
      resource: core.ConfigMap,
      namespace,
      labelSelector: "page=yes",
    });
    assert.deepEqual(
      objects.map(({ metadata }) => metadata.name),
      names,
    );
    assert.partialDeepStrictEqual(objects[0], { apiVersion: "v1", kind: "ConfigMap", data: { key: "value" } });
    assert.match(resourceVersion, /^\d+$/);
    const { objects: found } = await kube.list({
      resource: core.ConfigMap,
      namespace,
      fieldSelector: "metadata.name=page-007",
    });
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      ["page-007"],
    );
  });

  test("metadata-only answers have the object's own apiVersion and kind and no content", async () => {
    const object = deployment(namespace, "thin");
    const ref = { resource: core.Deployment, namespace, name: "thin" };
    const selection = { resource: core.Deployment, namespace, fieldSelector: "metadata.name=thin", metadataOnly: true };
    const { object: applied } = await kube.apply(core.Deployment, object, { fieldManager, metadataOnly: true });
    const got = await kube.get(ref, { metadataOnly: true });
    const { objects } = await kube.list(selection);
    const stop = new AbortController();
    const first = await kube.watch(selection, stop.signal).next();
    stop.abort();
    const watched = first.value?.type === "listed" ? first.value.objects : [];
    assert.equal(watched.length, 1);
    for (const answer of [applied, got, ...objects, ...watched]) {
      assert.partialDeepStrictEqual(answer, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "thin" } });
      assert.deepEqual(Object.keys(answer ?? {}).toSorted(), ["apiVersion", "kind", "metadata"]);
    }
  });

  test("nobody can be impersonated whose name would be more than one header, and nothing is held up by the attempt", async () => {
    const user = `system:serviceaccount:${namespace}:tenant\r\nimpersonate-group: system:masters`;
    assert.throws(() => kube.impersonate(user), { reason: "InvalidReference" });
    await kube.list({ resource: core.ConfigMap, namespace });
  });

  test("impersonation is enforced by the server and shares the discovery", async () => {
    const tenant = kube.impersonate(`system:serviceaccount:${namespace}:tenant`);
    const error = await rejection(tenant.list({ resource: core.ConfigMap, namespace }));
    assert.deepEqual([error.code, error.reason], [403, "Forbidden"]);
    assert.match(error.message, /User "system:serviceaccount:.*:tenant" cannot list/);
    await allowConfigMaps();
    await eventually(async () => (await tenant.list({ resource: core.ConfigMap, namespace })).objects, {
      what: "the role to count",
    });
    await rejection(tenant.list({ resource: core.Deployment, namespace }));
    // The tenant may not even read discovery's groups; the client has them already.
    assert.equal((await tenant.resourceOf("apps/v1", "Deployment"))?.plural, "deployments");
    await tenant[Symbol.asyncDispose]();
    assert.ok(await kube.get({ resource: core.ConfigMap, namespace, name: "apply" }));
  });

  test("errors about Secrets do not repeat their values", async () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace, name: "quoted" } };
    const wrong = { ...secret, stringData: { key: { deep: "hunter2" } } };
    const error = await rejection(kube.apply(core.Secret, wrong, { fieldManager }));
    assert.ok(!JSON.stringify([error.message, error.causes]).includes("hunter2"), error.message);
    assert.match(error.message, /stringData/);
  });

  test("a call ends when its signal aborts, with the signal's reason", async () => {
    const reason = new Error("enough");
    await assert.rejects(kube.list({ resource: core.ConfigMap }, { signal: AbortSignal.abort(reason) }), reason);
  });

  async function allowConfigMaps(): Promise<void> {
    const [role, binding] = [
      { ...core.ClusterRole, kind: "Role", plural: "roles", namespaced: true },
      { ...core.ClusterRole, kind: "RoleBinding", plural: "rolebindings", namespaced: true },
    ];
    const apiVersion = "rbac.authorization.k8s.io/v1";
    const metadata = { namespace, name: "tenant" };
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }];
    const subjects = [{ kind: "ServiceAccount", namespace, name: "tenant" }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "tenant" };
    await kube.apply(role, { apiVersion, kind: "Role", metadata, rules }, { fieldManager });
    await kube.apply(binding, { apiVersion, kind: "RoleBinding", metadata, subjects, roleRef }, { fieldManager });
  }
});

function ownerReference({ apiVersion, kind, metadata: { name, uid = "" } }: KubeObject) {
  return { apiVersion, kind, name, uid, blockOwnerDeletion: true };
}

async function rejection(call: Promise<unknown>): Promise<ApiError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Fault("TestFailed", "the server rejected nothing");
}

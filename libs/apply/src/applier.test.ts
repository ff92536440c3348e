import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import type { Kube } from "@leat/kube";
import type { InventoryEntry } from "./index.ts";
import { actions, configMap, fieldManager, group, messageOf, openSetting } from "../test/fixture.ts";

suite("apply", () => {
  test("creates what is missing, labelled with its owner, and lists it in order", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace }, stringData: { a: "b" } };
    const outcome = await apply([secret, configMap(namespace, "one", { a: "1" })]);
    assert.deepEqual(outcome, {
      kind: "applied",
      changes: [
        { subject: `ConfigMap/${namespace}/one`, action: "created" },
        { subject: `Secret/${namespace}/s`, action: "created" },
      ],
      inventory: [
        { id: `${namespace}_one__ConfigMap`, v: "v1" },
        { id: `${namespace}_s__Secret`, v: "v1" },
      ],
    });
    const live = await read("ConfigMap", "one");
    assert.deepEqual(live?.metadata.labels, { [`${group}/name`]: "app", [`${group}/namespace`]: namespace });
    assert.deepEqual(
      live?.metadata.managedFields?.map(({ manager, operation }) => `${manager}:${operation}`),
      [`${fieldManager}:Apply`],
    );
    assert.deepEqual((await read("Secret", "s"))?.["data"], { a: Buffer.from("b").toString("base64") });
  });

  test("leaves the declared objects as they were", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const object = deepFreeze({ ...configMap(namespace, "one", { a: "1" }), status: {} });
    assert.equal((await apply([object])).kind, "applied");
  });

  test("asks the server nothing where nothing has changed", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply, requests } = setting;
    const objects = [configMap(namespace, "one", { a: "1" }), configMap(namespace, "two", { a: "1" })];
    await settle(objects);
    requests.length = 0;
    assert.deepEqual(actions(await apply(objects)), ["ConfigMap/one unchanged", "ConfigMap/two unchanged"]);
    assert.deepEqual(requests, []);
  });

  test("sends only what has changed, and says so by the resourceVersion", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply, requests } = setting;
    const one = configMap(namespace, "one", { a: "1" });
    await settle([one, configMap(namespace, "two", { a: "1" })]);
    requests.length = 0;
    const outcome = await apply([one, configMap(namespace, "two", { a: "2" })]);
    assert.deepEqual(actions(outcome), ["ConfigMap/one unchanged", "ConfigMap/two configured"]);
    assert.deepEqual(requests, ["apply configmaps"]);
  });

  test("says unchanged of what another process has applied already", async () => {
    await using setting = await openSetting();
    await using other = await openSetting();
    const { namespace, apply, settle, owner, requests } = setting;
    const objects = [configMap(namespace, "one", { a: "1" }), configMap(namespace, "two", { a: "1" })];
    await other.apply(objects, { owner });
    requests.length = 0;
    assert.deepEqual(actions(await apply(objects)), ["ConfigMap/one unchanged", "ConfigMap/two unchanged"]);
    assert.deepEqual(requests, ["list configmaps"]);
    await settle(objects);
    assert.deepEqual(requests, []);
  });

  test("lists a kind once for all owners of what another process has applied", async () => {
    await using setting = await openSetting();
    await using restarted = await openSetting();
    const { namespace, apply } = setting;
    const owners = Array.from({ length: 20 }, (_, index) => ({ name: `app-${index}`, namespace }));
    const objectsOf = ({ name }: { name: string }) =>
      ["one", "two"].map((object) => configMap(namespace, `${name}-${object}`, { a: "1" }));
    for (const owner of owners) await apply(objectsOf(owner), { owner });
    const outcomes = await Promise.all(owners.map((owner) => restarted.apply(objectsOf(owner), { owner })));
    assert.ok(outcomes.flatMap(actions).every((action) => action.endsWith(" unchanged")));
    assert.deepEqual([...new Set(restarted.requests)], ["list configmaps"]);
    assert.ok(restarted.requests.length < 10, `${restarted.requests.length} requests`);
  });

  test("lists only what a tenant may list, with the tenant's rights", async () => {
    await using setting = await openSetting();
    await using restarted = await openSetting();
    const { namespace, apply, owner } = setting;
    const objects = ["one", "two"].map((name) => configMap(namespace, name, { a: "1" }));
    await apply(objects);
    const users: string[] = [];
    const as: Kube = {
      ...restarted.kube,
      list: async (selection, options) => {
        users.push(`tenant lists ${selection.namespace}`);
        return restarted.kube.list(selection, options);
      },
    };
    restarted.requests.length = 0;
    const outcome = await restarted.apply(objects, { owner, as });
    assert.deepEqual(actions(outcome), ["ConfigMap/one unchanged", "ConfigMap/two unchanged"]);
    assert.deepEqual([users, restarted.requests], [[`tenant lists ${namespace}`], ["list configmaps"]]);
  });

  test("sends of what another process has applied what differs", async () => {
    await using setting = await openSetting();
    await using other = await openSetting();
    const { namespace, apply, owner, requests, edit, read } = setting;
    const objects = ["one", "two", "three"].map((name) => configMap(namespace, name, { a: "1" }));
    await other.apply(objects, { owner });
    await edit(configMap(namespace, "two", {}), { data: { a: "2", foreign: "1" } });
    requests.length = 0;
    assert.deepEqual(actions(await apply(objects)), [
      "ConfigMap/one unchanged",
      "ConfigMap/three unchanged",
      "ConfigMap/two configured",
    ]);
    // What a list leaves uncertain is compared with a dry-run, and so not written without need.
    assert.deepEqual(requests, ["list configmaps", "get configmaps", "apply configmaps", "apply configmaps"]);
    assert.deepEqual((await read("ConfigMap", "two"))?.["data"], { a: "1", foreign: "1" });
  });

  test("takes away a field that is no longer declared, and keeps those of others", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read, edit } = setting;
    const before = configMap(namespace, "one", { a: "1", b: "2" });
    await apply([before]);
    await edit(before, { data: { c: "3" } });
    await apply([configMap(namespace, "one", { a: "1" })]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "1", c: "3" });
  });

  test("applies nothing of a stage of which one object is rejected", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    const bad = configMap(namespace, "two", { "not a key": "1" });
    const objects = [configMap(namespace, "one", { a: "1" }), bad];
    const outcome = await apply([], {
      objects: objects.map((object) => ({ object, file: `apps/${object.metadata.name}.yaml` })),
    });
    assert.equal(outcome.kind, "rejected");
    assert.match(messageOf(outcome), new RegExp(`^ConfigMap/${namespace}/two \\(file apps/two.yaml\\): .*not a key`));
    assert.equal(await read("ConfigMap", "one"), undefined);
    assert.deepEqual(outcome.changes, []);
  });

  for (const [rejected, values] of Object.entries({
    one: { one: { "not a key": "" }, two: { a: "2" }, three: { a: "2" } },
    three: { one: { a: "2" }, two: { a: "2" }, three: { "not a key": "" } },
    "one,three": { one: { "not a key": "" }, two: { a: "2" }, three: { "not a key": "" } },
  })) {
    test(`changes nothing of what is there where ${rejected} of it is rejected, and names that`, async () => {
      await using setting = await openSetting();
      const { namespace, settle, apply, read, requests } = setting;
      const names = ["one", "two", "three"] as const;
      await settle(names.map((name) => configMap(namespace, name, { a: "1" })));
      requests.length = 0;
      const message = messageOf(await apply(names.map((name) => configMap(namespace, name, values[name]))));
      assert.deepEqual(
        [...message.matchAll(/^ConfigMap\/[^/]+\/(\w+)/gm)].map(([, name]) => name),
        rejected.split(","),
      );
      for (const name of names) assert.deepEqual((await read("ConfigMap", name))?.["data"], { a: "1" });
    });
  }

  test("validates all changes with a dry-run except the first, which it applies before the others", async () => {
    await using setting = await openSetting();
    const { namespace, settle, apply, requests } = setting;
    const all = (value: string) => ["one", "two", "three"].map((name) => configMap(namespace, name, { a: value }));
    await settle(all("1"));
    requests.length = 0;
    assert.equal((await apply(all("2"))).kind, "applied");
    assert.deepEqual(
      requests,
      Array.from({ length: 2 + 3 }, () => "apply configmaps"),
    );
  });

  test("tells what it is about to write, stage by stage, and nothing where all of it is rejected", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    const role = `${namespace}-reader`;
    const clusterRole = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: role } };
    const told: Array<{ ids: string[]; exists: boolean }> = [];
    const beforeWrite = async (entries: readonly InventoryEntry[]) => {
      told.push({ ids: entries.map(({ id }) => id), exists: (await read("ConfigMap", "one")) !== undefined });
    };
    const roleId = `_${role}_rbac.authorization.k8s.io_ClusterRole`;
    const objects = [clusterRole, configMap(namespace, "one", { a: "1" })];
    const { inventory } = await apply(objects, { beforeWrite });
    assert.deepEqual(told.splice(0), [
      { ids: [roleId], exists: false },
      { ids: [roleId, `${namespace}_one__ConfigMap`], exists: false },
    ]);
    await apply([clusterRole, configMap(namespace, "one", { a: "2" })], { beforeWrite });
    assert.deepEqual(told.splice(0).at(-1)?.ids.at(-1), `${namespace}_one__ConfigMap`);
    await apply([configMap(namespace, "two", { "not a key": "" }), configMap(namespace, "three", {})], { beforeWrite });
    assert.deepEqual(told, []);
    await setting.applier.prune({ owner: setting.owner, entries: inventory }, signal());
  });

  test("rejects a field that the server does not know", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const outcome = await apply([{ ...configMap(namespace, "one", {}), colour: "red" }]);
    assert.match(messageOf(outcome), /colour: field not declared in schema/);
  });

  test("rejects an unknown kind and says what to do", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    const gadget = { apiVersion: "example.org/v1", kind: "Gadget", metadata: { name: "g", namespace } };
    const outcome = await apply([configMap(namespace, "one", {}), gadget]);
    assert.match(
      messageOf(outcome),
      /Gadget\/.*\/g: no matches for kind Gadget in example.org\/v1; is its CRD installed/,
    );
    assert.equal(await read("ConfigMap", "one"), undefined);
  });

  test("rejects a namespaced object without a namespace and says where to set it", async () => {
    await using setting = await openSetting();
    const outcome = await setting.apply([{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } }]);
    assert.match(messageOf(outcome), /^ConfigMap\/one: ConfigMap requires a namespace: set metadata.namespace/);
  });

  test("says that the namespace of an object does not exist", async () => {
    await using setting = await openSetting();
    const outcome = await setting.apply([configMap("nowhere-at-all", "one", {})]);
    assert.match(messageOf(outcome), /namespace nowhere-at-all not found; create it/);
  });

  test("rejects the same object twice", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const outcome = await apply([configMap(namespace, "one", { a: "1" }), configMap(namespace, "one", { a: "2" })]);
    assert.match(messageOf(outcome), /is declared more than once/);
  });

  test("never tells a Secret's value", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const secret = (data: object) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace },
      ...data,
    });
    for (const object of [
      secret({ data: { a: "top secret!" } }),
      secret({ type: 5, stringData: { a: "top secret!" } }),
    ]) {
      const outcome = await apply([object]);
      assert.equal(outcome.kind, "rejected");
      assert.doesNotMatch(messageOf(outcome), /top secret/);
    }
  });

  test("a namespace, a definition and an object of the new kind go in one run", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const name = `${namespace}-new`;
    const widgets = widgetDefinition(namespace);
    const widget = {
      apiVersion: `${widgets.spec.group}/v1`,
      kind: "Widget",
      metadata: { name: "w", namespace: name },
      spec: { size: 1 },
    };
    const space = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    const outcome = await apply([widget, configMap(name, "one", {}), space, widgets]);
    assert.equal(messageOf(outcome), "");
    assert.deepEqual(
      outcome.changes.map(({ subject, action }) => `${subject.split("/")[0]} ${action}`),
      ["CustomResourceDefinition created", "Namespace created", "ConfigMap created", "Widget created"],
    );
    const { deleted } = await setting.applier.prune({ owner: setting.owner, entries: outcome.inventory }, signal());
    assert.equal(deleted.length, 4);
  });

  test("a cluster-scoped object loses a namespace that it should not have", async () => {
    await using setting = await openSetting();
    const { namespace, apply, applier, owner } = setting;
    const role = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: `${namespace}:view`, namespace },
      rules: [],
    };
    const outcome = await apply([role]);
    assert.deepEqual(outcome.inventory, [{ id: `_${namespace}__view_rbac.authorization.k8s.io_ClusterRole`, v: "v1" }]);
    assert.equal((await applier.prune({ owner, entries: outcome.inventory }, signal())).deleted.length, 1);
  });

  test("acts as the given identity", async () => {
    await using setting = await openSetting();
    const { namespace, kube, apply, read } = setting;
    const as = kube.impersonate(`system:serviceaccount:${namespace}:nobody`);
    const outcome = await apply([configMap(namespace, "one", {})], { as });
    assert.match(messageOf(outcome), /ConfigMap\/.*\/one: .*User "system:serviceaccount:.*:nobody" cannot/);
    assert.equal(await read("ConfigMap", "one"), undefined);
  });
});

suite("take over", () => {
  test("what kubectl applied, or somebody edited by kubectl, becomes as declared", async () => {
    await using setting = await openSetting();
    const { namespace, kube, apply, read, edit } = setting;
    const resource = await kube.resourceOf("v1", "ConfigMap");
    assert.ok(resource);
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", note: "mine" };
    const old = configMap(namespace, "one", { a: "0", b: "2" }, { annotations });
    for (const objects of [[old], [old, configMap(namespace, "two", { b: "2" })]]) {
      for (const object of objects) await kube.create(resource, object, { fieldManager: "kubectl-client-side-apply" });
      await edit(old, { data: { c: "3" } }, "kubectl-edit");
      await edit(old, { data: { d: "4" } }, "other");
      await apply(objects.map(({ metadata }) => configMap(namespace, metadata.name, { a: "1" })));
      const live = await read("ConfigMap", "one");
      assert.deepEqual(live?.["data"], { a: "1", d: "4" });
      assert.equal(live?.metadata.annotations, undefined);
      assert.deepEqual(
        live?.metadata.managedFields?.map(({ manager, operation }) => `${manager}:${operation}`).toSorted(),
        ["kustomize-controller:Apply", "other:Update"],
      );
      for (const object of objects) await setting.delete(object);
    }
  });

  test("fields of others stay where the object says ssa: Merge", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read, edit } = setting;
    const object = configMap(namespace, "one", { a: "1" }, { annotations: { [`${group}/ssa`]: "Merge" } });
    await apply([object]);
    await edit(object, { data: { c: "3" } }, "kubectl-edit");
    await apply([{ ...object, data: { a: "2" } }]);
    assert.deepEqual((await read("ConfigMap", "one"))?.["data"], { a: "2", c: "3" });
  });
});

suite("force", () => {
  const service = (namespace: string, spec: object, annotations = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace, annotations },
    spec: { ports: [{ port: 80 }], selector: { app: "web" }, ...spec },
  });
  const job = (namespace: string, args: string[]): KubeObject => {
    const spec = { restartPolicy: "Never", containers: [{ name: "main", image: "none.invalid/none", args }] };
    return { apiVersion: "batch/v1", kind: "Job", metadata: { name: "job", namespace }, spec: { template: { spec } } };
  };

  test("recreates what cannot change, where it is asked to", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    await apply([service(namespace, { clusterIP: "None" }), job(namespace, ["a"])]);
    const before = await read("Job", "job", "batch/v1");
    const next = [service(namespace, { type: "NodePort" }), job(namespace, ["b"])];
    const rejected = await apply(next);
    assert.match(messageOf(rejected), /Service\/.*\/web: .*\n?.*Job\/.*\/job: .*immutable/s);
    const outcome = await apply(next, { force: true });
    assert.equal(messageOf(outcome), "");
    assert.deepEqual(actions(outcome), ["Service/web created", "Job/job created"]);
    assert.notEqual((await read("Job", "job", "batch/v1"))?.metadata.uid, before?.metadata.uid);
    assert.deepEqual(setting.drifts, []);
  });

  test("one object may ask for it itself, in the cluster too", async () => {
    await using setting = await openSetting();
    const { namespace, apply } = setting;
    const annotations = { [`${group}/force`]: "enabled" };
    await apply([service(namespace, { clusterIP: "None" }, annotations)]);
    assert.deepEqual(actions(await apply([service(namespace, { type: "NodePort" })])), ["Service/web created"]);
  });

  test("deletes nothing for the sake of an object that would be rejected all the same", async () => {
    await using setting = await openSetting();
    const { namespace, apply, read } = setting;
    await apply([service(namespace, { clusterIP: "None" })]);
    const before = await read("Service", "web");
    const outcome = await apply([service(namespace, { type: "NodePort", ports: [{ port: 123_456 }] })], {
      force: true,
    });
    assert.match(messageOf(outcome), /123456/);
    assert.equal((await read("Service", "web"))?.metadata.uid, before?.metadata.uid);
  });
});

function widgetDefinition(namespace: string) {
  const letters = namespace.replaceAll("-", "");
  const schema = {
    type: "object",
    properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `widgets.${letters}.example.org` },
    spec: {
      group: `${letters}.example.org`,
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
}

function signal(): AbortSignal {
  return AbortSignal.timeout(30_000);
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) deepFreeze(part as object);
  return Object.freeze(value);
}

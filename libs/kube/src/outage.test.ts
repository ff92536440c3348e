import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core, type KubeObject } from "@leat/api";
import {
  type ControlPlane,
  createTestNamespace,
  eventually,
  startControlPlane,
  startFlakyNetwork,
} from "@leat/testing";
import { follow } from "../test/follow.ts";
import { configMap, connectVia, fieldManager } from "../test/fixture.ts";
import { connect } from "./connect.ts";
import type { Kube } from "./kube.ts";
import { type Change, startStore } from "./store.ts";

suite("while the API server is away", () => {
  let controlPlane: ControlPlane;
  let kube: Kube;
  let namespace: string;
  before(async () => {
    // Old revisions are forgotten soon, and connections are told to go now and then.
    const apiServerFlags = ["--etcd-compaction-interval=1s", "--goaway-chance=0.01"];
    controlPlane = await startControlPlane({ apiServerFlags });
    kube = await connect({ kubeconfig: controlPlane.kubeconfig });
    namespace = (await createTestNamespace(controlPlane, "outage")).name;
  });
  after(async () => {
    await kube[Symbol.asyncDispose]();
    await controlPlane[Symbol.asyncDispose]();
  });

  test("connections that the server asks to leave cost no request", async () => {
    const gets = Array.from({ length: 1000 }, () => kube.get({ resource: core.ConfigMap, namespace, name: "none" }));
    assert.ok((await Promise.all(gets)).every((object) => object === undefined));
  });

  test("requests are faults and watches wait; both go on when it is back", async () => {
    await using watched = await follow(kube, { resource: core.ConfigMap, namespace });
    assert.deepEqual(await watched.take(), ["listed"]);
    await controlPlane.stopApiServer();
    await assert.rejects(kube.list({ resource: core.ConfigMap, namespace }), { reason: "APIServerUnavailable" });
    await controlPlane.startApiServer();
    await kube.create(core.ConfigMap, configMap(namespace, "after-restart"), { fieldManager });
    const isSeen = () => watched.rest().some((heard) => heard.includes("after-restart"));
    await eventually(isSeen, { what: "the watch to go on", timeoutMs: 20_000 });
    assert.ok(watched.failures.length > 0);
  });

  test("a right is not missed while a server that has just started does not know of it", async () => {
    const account = await accountThatReads("configmaps");
    await using limited = await connect({ kubeconfig: account });
    const look = () => limited.get({ resource: core.ConfigMap, namespace, name: "none" });
    await look();
    await controlPlane.stopApiServer();
    await assert.rejects(look(), { reason: "APIServerUnavailable" });
    const started = new AbortController();
    const starting = controlPlane.startApiServer().finally(() => started.abort());
    while (!started.signal.aborted) {
      await look().catch((error: { reason?: string }) => assert.equal(error.reason, "APIServerUnavailable"));
    }
    await starting;
    assert.equal(await look(), undefined);
    await assert.rejects(limited.get({ resource: core.Secret, namespace, name: "none" }), { code: 403 });
  });

  /** Path of the kubeconfig of a new ServiceAccount that may read these in the namespace, and nothing else. */
  async function accountThatReads(plural: string): Promise<string> {
    const rbac = "rbac.authorization.k8s.io/v1";
    const name = "reader";
    const objects: KubeObject[] = [
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name } },
      {
        apiVersion: rbac,
        kind: "Role",
        metadata: { namespace, name },
        rules: [{ apiGroups: [""], resources: [plural], verbs: ["get"] }],
      },
      {
        apiVersion: rbac,
        kind: "RoleBinding",
        metadata: { namespace, name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
        subjects: [{ kind: "ServiceAccount", name, namespace }],
      },
    ];
    for (const object of objects) {
      const resource = await kube.resourceOf(object.apiVersion, object.kind);
      assert.ok(resource);
      await kube.create(resource, object, { fieldManager });
    }
    return controlPlane.kubeconfigFor({ namespace, name });
  }

  test("what was deleted in a gap that the server has forgotten comes as a new list, and out of a store as a deletion", async () => {
    await using network = await startFlakyNetwork(controlPlane.url);
    await using behind = await connectVia(network.url, controlPlane);
    await kube.create(core.ConfigMap, labelled("lost"), { fieldManager });
    await kube.create(core.ConfigMap, labelled("kept"), { fieldManager });
    const selection = { resource: core.ConfigMap, namespace, labelSelector: "app=gap" };
    await using watched = await follow(behind, selection);
    assert.deepEqual(await watched.take(), ["listed", "kept", "lost"]);
    const changes: string[] = [];
    const stop = new AbortController();
    const onChange = ({ before: was, after: is }: Change<KubeObject>) =>
      void changes.push(`${was?.metadata.name} → ${is?.metadata.name}`);
    const store = startStore(behind, selection, { signal: stop.signal, onChange, onError: () => {} });
    await store.synced;
    changes.length = 0;

    network.stall();
    await kube.delete({ resource: core.ConfigMap, namespace, name: "lost" });
    // What a server has in memory of the past begins with its start.
    await controlPlane.restartApiServer();
    network.cut();

    assert.deepEqual(await watched.take(), ["listed", "kept"]);
    await eventually(() => changes.length > 0, { what: "the deletion" });
    assert.deepEqual(changes, ["lost → undefined"]);
    assert.deepEqual(
      [...store.list()].map(({ metadata }) => metadata.name),
      ["kept"],
    );
    stop.abort();
    await store.done;
  });

  function labelled(name: string): KubeObject {
    return { ...configMap(namespace, name), metadata: { namespace, name, labels: { app: "gap" } } };
  }
});

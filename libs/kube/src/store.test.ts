import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { core } from "@leat/api";
import { eventually, startFlakyNetwork } from "@leat/testing";
import { configMap, connectVia, fieldManager, openSetting, type Setting } from "../test/fixture.ts";
import type { Kube } from "./kube.ts";
import { type Change, startStore } from "./store.ts";

let setting: Setting;
let kube: Kube;
let namespace: string;
before(async () => {
  setting = await openSetting();
  ({ kube, namespace } = setting);
});
after(() => setting[Symbol.asyncDispose]());

suite("a store", () => {
  test("is complete once synced, and follows every change", async () => {
    await create("one", "follow");
    const changes: string[] = [];
    const onChange = ({ before: was, after: is }: Change<object>) => void changes.push(`${keyOf(was)} → ${keyOf(is)}`);
    await using store = start("follow", { onChange });
    await store.synced;
    assert.equal(store.get(namespace, "one")?.["data"]?.["key" as never], "value");
    await kube.apply(core.ConfigMap, labelled("one", "follow", { key: "new" }), { fieldManager, force: true });
    await create("two", "follow");
    await kube.delete({ resource: core.ConfigMap, namespace, name: "one" });
    await eventually(() => store.get(namespace, "one") === undefined && store.get(namespace, "two"), {
      what: "the changes",
    });
    assert.deepEqual(
      [...store.list()].map(({ metadata }) => metadata.name),
      ["two"],
    );
    assert.deepEqual(changes, [" → one=value", "one=value → one=new", " → two=value", "one=new → "]);
  });

  test("tells the version of each whole list, and when it goes on after its connection has ended", async () => {
    await using network = await startFlakyNetwork(setting.controlPlane.url);
    await using behind = await connectVia(network.url, setting.controlPlane);
    const told: string[] = [];
    const onListed = (version: string) => void told.push(version);
    await using store = start("told", { onListed, onResume: () => told.push("resumed"), onError: () => {} }, behind);
    await store.synced;
    const object = await kube.create(core.ConfigMap, labelled("later", "told"), { fieldManager });
    network.cut();
    await eventually(() => told.length > 1, { what: "the watch to go on" });
    const [version = "", ...rest] = told;
    assert.ok(Number(version) > 0 && Number(version) < Number(object.metadata.resourceVersion), version);
    assert.deepEqual(rest, ["resumed"]);
  });

  test("keeps what it is told to keep", async () => {
    await create("shaped", "shaped");
    await using store = start("shaped", {
      keep: ({ apiVersion, kind, metadata: { name } }) => ({ apiVersion, kind, metadata: { name, namespace } }),
    });
    await store.synced;
    assert.deepEqual(store.get(namespace, "shaped"), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "shaped", namespace },
    });
  });

  test("goes on after a handler has thrown, at once or later, and tells of it", async () => {
    const errors: string[] = [];
    const onError = (error: Error) => void errors.push(error.message);
    const onChange = (change: Change<object>): void => {
      const key = keyOf(change.after);
      if (key === "sync=value") throw new Error("thrown");
      // An async handler that slipped through the types: it gives a promise where nothing is expected.
      if (key === "async=value") return Promise.reject(new Error("rejected")) as unknown as undefined;
      return undefined;
    };
    await using store = start("throws", { onChange, onError });
    await store.synced;
    for (const name of ["sync", "async", "last"]) await create(name, "throws");
    await eventually(() => store.get(namespace, "last"), { what: "the last object" });
    assert.ok(store.get(namespace, "sync"));
    assert.deepEqual(errors, ["thrown", "rejected"]);
  });

  test("ends with its signal, whether it was synced or not", async () => {
    const stop = new AbortController();
    const store = startStore(
      kube.impersonate("nobody"),
      { resource: core.ConfigMap },
      { signal: stop.signal, onError: () => {} },
    );
    const reason = new Error("shutting down");
    stop.abort(reason);
    await store.done;
    await assert.rejects(store.synced, reason);
  });

  function start(app: string, options: Partial<Parameters<typeof startStore>[2]>, by = kube) {
    const stop = new AbortController();
    const store = startStore(
      by,
      { resource: core.ConfigMap, namespace, labelSelector: `app=${app}` },
      { signal: stop.signal, ...options },
    );
    const end = async () => {
      stop.abort();
      await store.done;
    };
    return { ...store, [Symbol.asyncDispose]: end };
  }

  async function create(name: string, app: string): Promise<void> {
    await kube.create(core.ConfigMap, labelled(name, app), { fieldManager });
  }

  function labelled(name: string, app: string, data?: Record<string, string>) {
    return { ...configMap(namespace, name, data), metadata: { namespace, name, labels: { app } } };
  }

  function keyOf(object: object | undefined): string {
    const { metadata, data } = (object ?? {}) as { metadata?: { name: string }; data?: { key?: string } };
    return metadata === undefined ? "" : `${metadata.name}=${data?.key}`;
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { core, type KubeObject, type Resource } from "@leat/api";
import { connect, type Kube } from "@leat/kube";
import { createLogger } from "@leat/log";
import { createTestNamespace, eventually, sharedControlPlane } from "@leat/testing";
import { watchWhenServed, type DeferredStore } from "./watch-when-served.ts";

interface Late extends AsyncDisposable {
  kube: Kube;
  namespace: string;
  resource: Resource;
  store: DeferredStore;
  /** Names of the objects that a change was told of. */
  changed: string[];
  /** Requests about the kind. */
  requests: string[];
  define: () => Promise<void>;
  create: (name: string) => Promise<KubeObject>;
}

/** A kind that is not served before the test defines it. */
async function openLate(): Promise<Late> {
  await using stack = new AsyncDisposableStack();
  const controlPlane = await sharedControlPlane();
  const requests: string[] = [];
  const kube = stack.use(
    await connect({
      kubeconfig: controlPlane.kubeconfig,
      onRequest: ({ verb, resource }) => {
        if (resource === "gadgets") requests.push(verb);
      },
    }),
  );
  const { name: namespace } = stack.use(await createTestNamespace(controlPlane, "late"));
  const group = `${namespace.replaceAll("-", "")}.example.org`;
  const resource = { group, version: "v1", kind: "Gadget", plural: "gadgets", namespaced: true };
  const stopping = new AbortController();
  stack.defer(() => stopping.abort());
  const changed: string[] = [];
  const onChange = ({ before, after }: { before?: KubeObject; after?: KubeObject }) =>
    void changed.push((after ?? before)?.metadata.name ?? "");
  const log = createLogger("error", () => {});
  const store = watchWhenServed({ resource }, { kube, log, signal: stopping.signal, onChange });
  const opened = stack.move();
  return {
    kube,
    namespace,
    resource,
    store,
    changed,
    requests,
    define: async () => {
      opened.defer(
        async () => void (await kube.delete({ resource: core.CustomResourceDefinition, name: `gadgets.${group}` })),
      );
      await kube.create(core.CustomResourceDefinition, definitionOf(resource), { fieldManager: "test" });
      await eventually(async () => kube.resourceOf(`${group}/v1`, "Gadget"), { what: "the kind to be served" });
    },
    create: (name) =>
      kube.create(
        resource,
        { apiVersion: `${group}/v1`, kind: "Gadget", metadata: { name, namespace } },
        { fieldManager: "test" },
      ),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function definitionOf({ group, kind, plural }: Resource): KubeObject {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: core.CustomResourceDefinition.kind,
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}

suite("a kind that need not be served", { concurrency: true }, () => {
  test("costs nothing before the first look", async () => {
    await using late = await openLate();
    // Whatever had begun before it would be there after it.
    await late.kube.list({ resource: core.CustomResourceDefinition });
    assert.deepEqual(late.requests, []);
  });

  test("has no objects while it is not served, and is asked for by one watch alone", async () => {
    await using late = await openLate();
    const found = await Promise.all(Array.from({ length: 50 }, () => late.store.find(late.namespace, "one")));
    assert.deepEqual(new Set(found), new Set([undefined]));
    // The watch itself tries again after a pause.
    assert.ok(late.requests.length <= 3, late.requests.join());
    assert.deepEqual(new Set(late.requests), new Set(["watch"]));
  });

  test("is watched once it is served", async () => {
    await using late = await openLate();
    assert.equal(await late.store.find(late.namespace, "one"), undefined);
    await late.define();
    await late.create("one");
    await eventually(() => late.changed.includes("one"), { what: "the change to be told", timeoutMs: 20_000 });
    assert.equal((await late.store.find(late.namespace, "one"))?.metadata.name, "one");
  });

  test("is looked up in memory where it is served from the beginning", async () => {
    await using late = await openLate();
    await late.define();
    await late.create("one");
    assert.equal((await late.store.find(late.namespace, "one"))?.metadata.name, "one");
    assert.equal(await late.store.find(late.namespace, "two"), undefined);
    assert.deepEqual(late.requests, ["create", "watch"]);
  });

  test("has none any more when it is no longer served", async () => {
    await using late = await openLate();
    await late.define();
    await late.create("one");
    await late.store.find(late.namespace, "one");
    const { group, plural } = late.resource;
    await late.kube.delete({ resource: core.CustomResourceDefinition, name: `${plural}.${group}` });
    await eventually(async () => (await late.store.find(late.namespace, "one")) === undefined, {
      what: "the object to be gone",
      timeoutMs: 20_000,
    });
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject, Resource } from "@leat/api";
import { digestOf } from "./digests.ts";
import { render } from "./render.ts";

const labels = { owner: "me" };

function rendered(object: object, namespaced = true): Record<string, unknown> {
  const whole = { apiVersion: "v1", metadata: { name: "x", namespace: "n" }, ...object } as KubeObject;
  const before = structuredClone(whole);
  const result = render({ object: whole }, resourceOf(whole, namespaced), labels);
  assert.deepEqual(whole, before, "the object that came in is as it was");
  return result;
}

function resourceOf({ kind }: KubeObject, namespaced: boolean): Resource {
  return { group: "", version: "v1", kind, plural: `${kind.toLowerCase()}s`, namespaced };
}

suite("render", () => {
  const metadata = { name: "x", namespace: "n", labels };
  const pod = (containers: object, more = {}) => ({ metadata: { labels: { a: "b" }, ...more }, spec: { containers } });
  const rows: Array<[says: string, given: object, expected: object]> = [
    [
      "a kind and keys that are named like properties of every object are like others",
      { kind: "constructor", data: JSON.parse('{"__proto__":"a","constructor":"b"}') as object },
      { metadata, data: JSON.parse('{"__proto__":"a","constructor":"b"}') as object },
    ],
    [
      "stringData that is named so is encoded too",
      { kind: "Secret", stringData: JSON.parse('{"__proto__":"a","constructor":"b"}') as object },
      { metadata, data: JSON.parse('{"__proto__":"YQ==","constructor":"Yg=="}') as object },
    ],
    [
      "labels win over those of the source",
      { kind: "ConfigMap", metadata: { ...metadata, labels: { owner: "you", a: "b" } } },
      { metadata: { ...metadata, labels: { a: "b", owner: "me" } } },
    ],
    [
      "what a server sets goes",
      {
        kind: "ConfigMap",
        metadata: {
          ...metadata,
          uid: "u",
          resourceVersion: "1",
          creationTimestamp: null,
          managedFields: [],
          annotations: null,
        },
        status: { a: 1 },
      },
      { kind: "ConfigMap", metadata },
    ],
    [
      "stringData becomes data and wins over it",
      { kind: "Secret", data: { a: "QQ==", b: "Qg==" }, stringData: { a: "new", c: "" } },
      { kind: "Secret", data: { a: "bmV3", b: "Qg==", c: "" } },
    ],
    [
      "ports of a Service have a protocol",
      { kind: "Service", spec: { ports: [{ port: 80 }, { port: 53, protocol: "UDP" }] } },
      {
        spec: {
          ports: [
            { port: 80, protocol: "TCP" },
            { port: 53, protocol: "UDP" },
          ],
        },
      },
    ],
    [
      "ports of a Pod have a protocol",
      {
        kind: "Pod",
        spec: { containers: [{ name: "a", ports: [{ containerPort: 80 }] }], initContainers: [{ name: "b" }] },
      },
      {
        spec: {
          containers: [{ name: "a", ports: [{ containerPort: 80, protocol: "TCP" }] }],
          initContainers: [{ name: "b" }],
        },
      },
    ],
    [
      "ports of a template have a protocol, and its timestamp goes",
      {
        kind: "Deployment",
        spec: { template: pod([{ ports: [{ containerPort: 80 }] }], { creationTimestamp: null }) },
      },
      { spec: { template: pod([{ ports: [{ containerPort: 80, protocol: "TCP" }] }]) } },
    ],
    [
      "the same within a CronJob",
      {
        kind: "CronJob",
        spec: {
          jobTemplate: {
            metadata: { creationTimestamp: null },
            spec: { template: pod([{ ports: [{ containerPort: 1 }] }]) },
          },
        },
      },
      {
        spec: {
          jobTemplate: { metadata: {}, spec: { template: pod([{ ports: [{ containerPort: 1, protocol: "TCP" }] }]) } },
        },
      },
    ],
    [
      "claims of a StatefulSet lose timestamp and status",
      {
        kind: "StatefulSet",
        spec: { volumeClaimTemplates: [{ metadata: { name: "d", creationTimestamp: null }, status: {} }] },
      },
      { spec: { volumeClaimTemplates: [{ metadata: { name: "d" } }] } },
    ],
    [
      "a placeholder is no certificate",
      {
        kind: "CustomResourceDefinition",
        spec: { conversion: { webhook: { clientConfig: { caBundle: "Cg==", url: "u" } } } },
      },
      { spec: { conversion: { webhook: { clientConfig: { url: "u" } } } } },
    ],
  ];
  for (const [says, given, expected] of rows) {
    test(says, () => assert.partialDeepStrictEqual(rendered(given), expected));
  }

  test("nothing is left of what goes", () => {
    const object = rendered({
      kind: "Secret",
      metadata: { ...metadata, uid: "u", generation: 3 },
      stringData: { a: "b" },
      status: {},
    });
    assert.deepEqual(object, { apiVersion: "v1", kind: "Secret", metadata, data: { a: "Yg==" } });
    const exported = { "kubectl.kubernetes.io/last-applied-configuration": "{}", note: "x" };
    const kept = rendered({ kind: "ConfigMap", metadata: { ...metadata, annotations: exported } });
    assert.deepEqual(kept["metadata"], { ...metadata, annotations: { note: "x" } });
    const claims = rendered({
      kind: "StatefulSet",
      spec: { volumeClaimTemplates: [{ metadata: { creationTimestamp: null }, status: {} }] },
    });
    assert.deepEqual(claims["spec"], { volumeClaimTemplates: [{ metadata: {} }] });
  });

  test("empty rules go where the cluster aggregates them, and stay where it does not", () => {
    const role = (more: object) => "rules" in rendered({ kind: "ClusterRole", rules: [], ...more }, false);
    assert.equal(role({ aggregationRule: { clusterRoleSelectors: [{}] } }), false);
    assert.equal(role({ aggregationRule: { clusterRoleSelectors: [{}] }, rules: [{ verbs: ["get"] }] }), true);
    assert.equal(role({}), true);
  });

  test("a cluster-scoped object has no namespace", () => {
    assert.deepEqual(rendered({ kind: "Namespace" }, false)["metadata"], { name: "x", labels });
  });

  test("a number in stringData is rejected by its key, without its value", () => {
    assert.throws(() => rendered({ kind: "Secret", stringData: { pin: 123_456 } }), {
      message: "Secret/n/x: stringData.pin must be a string: quote it",
    });
  });

  const malformed: Array<[secret: object, field: string]> = [
    [{ stringData: ["s3cret"] }, "stringData"],
    [{ stringData: "s3cret" }, "stringData"],
    [{ stringData: [], data: { k: "eQ==" } }, "stringData"],
    [{ stringData: { b: "x" }, data: ["q"] }, "data"],
    [{ stringData: { b: "x" }, data: "s3cret" }, "data"],
  ];
  for (const [secret, field] of malformed) {
    test(`a Secret of another form is rejected: ${JSON.stringify(secret)}`, () => {
      const message = `Secret/n/x: ${field} must be a map of keys to values`;
      assert.throws(() => rendered({ kind: "Secret", ...secret }), { message });
    });
  }

  test("equal objects have equal digests, others have others", () => {
    const digest = (data: object) => digestOf(rendered({ kind: "ConfigMap", data }) as KubeObject);
    assert.equal(digest({ a: "1" }), digest({ a: "1" }));
    assert.notEqual(digest({ a: "1" }), digest({ a: "2" }));
  });
});

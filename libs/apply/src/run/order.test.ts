import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { type Declared, stageObjects } from "../objects/declared.ts";
import type { ObjectName } from "../objects/object-name.ts";
import { compareNames, type Stage, stageOf } from "./order.ts";

function name(text: string): ObjectName {
  const [apiVersion = "", kind = "", namespace = "", own = "x"] = text.split(" ");
  return { apiVersion, kind, namespace: namespace === "-" ? undefined : namespace, name: own };
}

suite("order of applying", () => {
  const sorted = [
    "apiextensions.k8s.io/v1 CustomResourceDefinition - a",
    "v1 Namespace - a",
    "rbac.authorization.k8s.io/v1 ClusterRole - a",
    "storage.k8s.io/v1 StorageClass - a",
    "networking.k8s.io/v1 IngressClass - a",
    "rbac.authorization.k8s.io/v1 ClusterRoleBinding - a",
    "v1 ServiceAccount n a",
    "v1 ConfigMap a b",
    "v1 ConfigMap b a",
    "v1 ConfigMap b b",
    "v1 Secret a a",
    "v1 Service a a",
    "apps/v1 Deployment a a",
    "apps/v1 StatefulSet a a",
    "batch/v1 CronJob a a",
    "policy/v1 PodDisruptionBudget a a",
    "v1 Pod a a",
    "apps/v1 DaemonSet a a",
    "batch/v1 Job a a",
    "example.org/v1 Widget a a",
    "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration - a",
    "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration - a",
  ];

  test("is by kind, group, namespace and name", () => {
    assert.deepEqual(sorted.toReversed().map(name).toSorted(compareNames), sorted.map(name));
  });
});

suite("stages", () => {
  const rows: Array<[string, Stage]> = [
    ["v1 Namespace", "definitions"],
    ["apiextensions.k8s.io/v1 CustomResourceDefinition", "definitions"],
    ["rbac.authorization.k8s.io/v1 ClusterRole", "definitions"],
    ["example.org/v1 FooClass", "classes"],
    ["example.org/v1 Early", "custom"],
    ["v1 Secret", "custom"],
    ["other.org/v1 Early", "rest"],
    ["v1 ConfigMap", "rest"],
  ];
  for (const [object, stage] of rows) {
    test(`${object} → ${stage}`, () => {
      assert.equal(stageOf(name(object), new Set(["example.org/Early", "/Secret"])), stage);
    });
  }

  test("come one after another, with lists taken apart", () => {
    const object = (apiVersion: string, kind: string, own: string): KubeObject => ({
      apiVersion,
      kind,
      metadata: { name: own },
    });
    const items = [object("v1", "ConfigMap", "c"), object("v1", "Namespace", "n")];
    const declared: Declared[] = [
      { object: { apiVersion: "v1", kind: "List", metadata: { name: "" }, items }, file: "list.yaml" },
      { object: object("example.org/v1", "Early", "e"), file: "e.yaml" },
    ];
    assert.deepEqual(
      stageObjects(declared, new Set(["example.org/Early"])).map(({ stage, objects }) => [
        stage,
        ...objects.map(({ file }) => file),
      ]),
      [
        ["definitions", "list.yaml"],
        ["custom", "e.yaml"],
        ["rest", "list.yaml"],
      ],
    );
  });

  test("an invalid object is rejected with its file", () => {
    const object = { kind: "ConfigMap", metadata: {} } as unknown as KubeObject;
    assert.throws(() => stageObjects([{ object, file: "a.yaml" }], new Set()), {
      message: "invalid object (file a.yaml): missing apiVersion, metadata.name",
    });
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ManagedFieldsEntry, ObjectMeta } from "@leat/api";
import { needsTakeover, takeoverPatch } from "./managed-fields.ts";

const rules = { fieldManager: "us", overrideManagers: ["old-tool"] };

function entry(
  manager: string,
  operation: "Apply" | "Update",
  fields: object = {},
  subresource?: string,
): ManagedFieldsEntry {
  const base = { manager, operation, apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1: { "f:data": fields } };
  return subresource === undefined ? base : { ...base, subresource };
}

function metadata(...managedFields: ManagedFieldsEntry[]): ObjectMeta {
  return { name: "x", resourceVersion: "7", managedFields };
}

suite("whose fields are taken over", () => {
  const rows: Array<[ManagedFieldsEntry, boolean]> = [
    [entry("kubectl", "Apply"), true],
    [entry("kubectl-edit", "Update"), true],
    [entry("kubectl-client-side-apply", "Update"), true],
    [entry("before-first-apply", "Update"), true],
    [entry("before-first-apply", "Apply"), false],
    [entry("us", "Update"), true],
    [entry("us", "Apply"), false],
    [entry("old-tool", "Apply"), true],
    [entry("old-tool", "Update"), true],
    [entry("kubectl", "Update", {}, "scale"), false],
    [entry("us", "Update", {}, "status"), false],
    [entry("helm", "Update"), false],
    [entry("flux-client-side-apply", "Update"), false],
    [entry("my-kubectl", "Update"), false],
  ];
  for (const [one, expected] of rows) {
    test(`${one.manager}:${one.operation}${one.subresource ? `:${one.subresource}` : ""} → ${expected}`, () => {
      assert.equal(needsTakeover(rules, metadata(one)), expected);
    });
  }
});

suite("a restart by kubectl", () => {
  const annotations = { ".": {}, "f:kubectl.kubernetes.io/restartedAt": {} };
  const restart = { "f:template": { "f:metadata": { "f:annotations": annotations } } };
  const entryOf = (spec: object) => ({ ...entry("kubectl-rollout", "Update"), fieldsV1: { "f:spec": spec } });

  test("is not taken over", () => {
    assert.equal(needsTakeover(rules, metadata(entryOf(restart))), false);
  });

  test("stays when the rest of what its manager has set is taken over", () => {
    const object = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata(entryOf({ ...restart, "f:paused": {} })),
    };
    const [operation] = takeoverPatch(rules, object) as [{ value: ManagedFieldsEntry[] }];
    const { ".": _, ...kept } = annotations;
    assert.deepEqual(
      operation.value.map(({ manager, fieldsV1 }) => [manager, fieldsV1]),
      [
        ["us", { "f:spec": { "f:paused": {} } }],
        ["kubectl-rollout", { "f:spec": { "f:template": { "f:metadata": { "f:annotations": kept } } } }],
      ],
    );
  });
});

suite("the patch", () => {
  test("puts the fields of all into our entry, and keeps those of others", () => {
    const object = { apiVersion: "v1", kind: "ConfigMap" };
    const other = entry("helm", "Update", { "f:z": {} });
    const patch = takeoverPatch(rules, {
      ...object,
      metadata: metadata(
        entry("kubectl-edit", "Update", { "f:a": { "f:b": {} } }),
        other,
        entry("us", "Apply", { "f:a": { ".": {} }, "f:c": {} }),
      ),
    });
    const merged = entry("us", "Apply", { "f:a": { ".": {}, "f:b": {} }, "f:c": {} });
    assert.deepEqual(patch, [
      { op: "replace", path: "/metadata/managedFields", value: [merged, other] },
      { op: "replace", path: "/metadata/resourceVersion", value: "7" },
    ]);
  });

  test("makes an entry of ours where there is none, and removes what older tools left", () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", note: "x" };
    const patch = takeoverPatch(rules, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        ...metadata(entry("kubectl", "Apply", { "f:a": {} })),
        annotations,
        labels: { "fluxcd.io/sync-gc-mark": "x" },
      },
    });
    assert.deepEqual(patch, [
      { op: "remove", path: "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration" },
      { op: "remove", path: "/metadata/labels/fluxcd.io~1sync-gc-mark" },
      { op: "replace", path: "/metadata/managedFields", value: [entry("us", "Apply", { "f:a": {} })] },
      { op: "replace", path: "/metadata/resourceVersion", value: "7" },
    ]);
  });
});

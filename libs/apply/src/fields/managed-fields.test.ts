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

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject, ManagedFieldsEntry } from "@leat/api";
import { ApiError } from "@leat/kube";
import { describeDrift } from "./format-drift.ts";
import { changedDrift, rejectedDrift } from "./drift.ts";

const owning = { "f:data": { "f:a": {} } };
const nothing = { "f:data": { "f:other": {} } };

function entry(
  manager: string,
  second: number,
  fieldsV1: Record<string, unknown>,
  more: object = {},
): ManagedFieldsEntry {
  return { manager, operation: "Update", time: `2026-01-01T00:00:0${second}Z`, fieldsV1, ...more };
}

const ours = entry("us", 5, nothing, { operation: "Apply" });

function describe(managedFields: ManagedFieldsEntry[], paths = [["data", "a"]]): string {
  const live: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "x", managedFields },
    data: { a: "secret", other: "secret" },
  };
  return describeDrift({ subject: "ConfigMap/n/x", drift: changedDrift("us", live, paths) });
}

suite("what is told of a change", () => {
  const rows: Array<[given: string, fields: ManagedFieldsEntry[], told: string]> = [
    ["who owns the field", [ours, entry("a", 6, owning)], ", changed by a at 2026-01-01T00:00:06Z"],
    [
      "of several owners, the last first",
      [entry("a", 6, owning), ours, entry("b", 7, owning)],
      ", changed by b at 2026-01-01T00:00:07Z and a at 2026-01-01T00:00:06Z",
    ],
    [
      "an owner through another way than the object itself",
      [ours, entry("a", 6, owning, { subresource: "scale" })],
      ", changed by a at 2026-01-01T00:00:06Z",
    ],
    [
      "who has written last where nobody owns it",
      [entry("a", 6, nothing), ours, entry("b", 7, nothing), entry("c", 8, nothing, { subresource: "status" })],
      ", last written by b at 2026-01-01T00:00:07Z",
    ],
    ["nobody where others wrote before us", [entry("a", 4, nothing), ours], ""],
    ["nobody where nobody is known", [], ""],
    ["ourselves never", [{ ...ours, fieldsV1: owning }], ""],
  ];
  for (const [given, fields, who] of rows) {
    test(`is ${given}`, () => assert.equal(describe(fields), `ConfigMap/n/x: /data/a${who}`));
  }

  test("names the first fields and counts the others", () => {
    const paths = Array.from({ length: 9 }, (_, index) => ["data", `k${index}`]);
    assert.equal(
      describe([], paths),
      "ConfigMap/n/x: /data/k0, /data/k1, /data/k2, /data/k3, /data/k4, /data/k5 and 3 more",
    );
  });

  test("has a limit for each field", () => {
    assert.ok(describe([], [["data", "k".repeat(10_000)]]).length < 300);
  });

  test("tells of what the server rejects the fields and not its words", () => {
    const line = (error: unknown) => describeDrift({ subject: "X/n/x", drift: rejectedDrift(error) });
    const cause = (field: string) => ({ field, reason: "FieldValueInvalid", message: 'Invalid value: "secret"' });
    const causes = [cause("data"), cause("data"), cause(""), cause("spec.a")];
    const words = "X/n/x: the API server rejects the declared state";
    assert.equal(line(new ApiError(422, "Invalid", "secret", { causes })), `${words} (Invalid: data, spec.a)`);
    assert.equal(line(new ApiError(403, "Forbidden", "secret")), `${words} (Forbidden)`);
    assert.equal(line(undefined), words);
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { kustomization } from "./fixtures/kustomization.ts";
import { unsupportedField } from "./unsupported.ts";

suite("fields that are not honoured yet", () => {
  const rows: Array<[spec: object, field: string | undefined]> = [
    [{}, undefined],
    [{ healthCheckExprs: [], ignore: [] }, undefined],
    [{ patches: [{ patch: "x" }], postBuild: {} }, undefined],
    [{ decryption: { provider: "sops", secretRef: { name: "keys" } } }, undefined],
    [{ decryption: { provider: "sops", serviceAccountName: "a" } }, "decryption.serviceAccountName"],
    [{ dependsOn: [{ name: "a" }] }, undefined],
    [{ dependsOn: [{ name: "a", readyExpr: "true" }] }, undefined],
    [{ healthCheckExprs: [{ apiVersion: "v1", current: "true" }] }, undefined],
  ];
  for (const [spec, field] of rows) {
    test(`${JSON.stringify(spec)} → ${field ?? "none"}`, () =>
      assert.equal(unsupportedField(kustomization(spec).spec), field));
  }
});

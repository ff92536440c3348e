import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { kustomization } from "./fixtures/kustomization.ts";
import { unsupportedField } from "./unsupported.ts";

suite("fields that are not honoured yet", () => {
  const rows: Array<[spec: object, field: string | undefined]> = [
    [{}, undefined],
    [{ patches: [], images: [], ignoreMissingComponents: false }, undefined],
    [{ patches: [{ patch: "x" }] }, "patches"],
    [{ postBuild: {} }, "postBuild"],
    [{ decryption: { provider: "sops" } }, "decryption"],
    [{ ignoreMissingComponents: true }, "ignoreMissingComponents"],
    [{ dependsOn: [{ name: "a" }] }, undefined],
    [{ dependsOn: [{ name: "a", readyExpr: "true" }] }, "dependsOn[].readyExpr"],
  ];
  for (const [spec, field] of rows) {
    test(`${JSON.stringify(spec)} → ${field ?? "none"}`, () =>
      assert.equal(unsupportedField(kustomization(spec).spec), field));
  }
});

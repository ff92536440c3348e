import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { explainHelm } from "./helm.ts";

suite("a failure of helm", () => {
  test("is shown without warnings", () => {
    assert.equal(explainHelm("WARNING: old\nError: release: not found\n"), "release: not found");
  });

  const existing = (kind: string) =>
    `Error: Unable to continue with install: ${kind} "x" in namespace "" exists and cannot be imported into the current ` +
    'release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by"';

  test("because of CRDs that are there already says how to go on", () => {
    assert.match(explainHelm(existing("CustomResourceDefinition")), /\n.*--set crds\.install=false.*Existing CRDs/);
  });

  test("because of another object that is there already does not speak of CRDs", () => {
    assert.doesNotMatch(explainHelm(existing("ClusterRole")), /CRDs/);
  });
});

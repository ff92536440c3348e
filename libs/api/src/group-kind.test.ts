import assert from "node:assert/strict";
import { test } from "node:test";
import { groupKindOf, isSameKind, keyOfKind } from "./group-kind.ts";

test("kinds of one name in different groups differ", () => {
  const [ours, other] = [
    groupKindOf({ apiVersion: "notification.toolkit.fluxcd.io/v1beta3", kind: "Provider" }),
    groupKindOf({ apiVersion: "pkg.crossplane.io/v1", kind: "Provider" }),
  ];
  assert.equal(isSameKind(ours, other), false);
  assert.deepEqual([ours, other].map(keyOfKind), [
    "Provider.notification.toolkit.fluxcd.io",
    "Provider.pkg.crossplane.io",
  ]);
});

test("a kind is the same in all versions of its group", () => {
  const [older, newer] = ["v1beta2", "v1"].map((version) =>
    groupKindOf({ apiVersion: `apps/${version}`, kind: "Deployment" }),
  );
  assert(older && newer);
  assert(isSameKind(older, newer));
  assert.equal(keyOfKind(older), "Deployment.apps");
});

test("the core group has no name", () => {
  const kind = groupKindOf({ apiVersion: "v1", kind: "Secret" });
  assert.deepEqual([kind, keyOfKind(kind)], [{ group: "", kind: "Secret" }, "Secret"]);
});

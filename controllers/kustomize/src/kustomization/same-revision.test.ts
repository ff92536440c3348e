import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HelmRelease, type KubeObject } from "@leat/api";
import { storedObject } from "@leat/testing";
import { kustomization } from "./fixtures/kustomization.ts";
import { sameRevision } from "./same-revision.ts";

const otherSource = { sourceRef: { kind: "GitRepository", name: "other" } };
const dependency = (spec: object, revision: string) =>
  kustomization(spec, { lastAppliedRevision: revision }, "base") as unknown as KubeObject;

suite("a ready dependency", () => {
  const reason = "has not applied revision b yet";
  const rows: Array<[given: string, dependency: KubeObject, expected: string | undefined]> = [
    ["at another revision of the same source", dependency({}, "a"), reason],
    ["at the same revision", dependency({}, "b"), undefined],
    ["of another source", dependency(otherSource, "a"), undefined],
    ["that is a HelmRelease", storedObject(HelmRelease, { name: "base" }), undefined],
  ];
  for (const [given, from, expected] of rows) {
    test(given, () => assert.equal(sameRevision(kustomization(), "b")(from), expected));
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { unreadyDependency } from "./dependencies.ts";
import { kustomization, readyCondition } from "./fixtures/kustomization.ts";

const revision = "main@sha1:abc";
const object = kustomization({ dependsOn: [{ name: "base" }] });
const otherSource = { sourceRef: { kind: "GitRepository", name: "other" } };

suite("dependencies", () => {
  const rows: Array<[given: string, dependency: object | undefined, why: RegExp | undefined]> = [
    ["missing", undefined, /team\/base does not exist/],
    ["never reconciled", kustomization({}, {}, "base"), /has not been reconciled yet/],
    [
      "of an older generation",
      kustomization({}, { ...readyCondition("True"), observedGeneration: 0 }, "base"),
      /has not been reconciled yet/,
    ],
    ["failing", kustomization({}, readyCondition("False", "BuildFailed"), "base"), /is not ready: BuildFailed/],
    [
      "ready at another revision of the same source",
      kustomization({}, { ...readyCondition("True"), lastAppliedRevision: "main@sha1:old" }, "base"),
      /has not applied revision main@sha1:abc yet/,
    ],
    [
      "ready at the same revision",
      kustomization({}, { ...readyCondition("True"), lastAppliedRevision: revision }, "base"),
      undefined,
    ],
    [
      "ready, from another source",
      kustomization(otherSource, { ...readyCondition("True"), lastAppliedRevision: "v1" }, "base"),
      undefined,
    ],
  ];
  for (const [given, dependency, why] of rows) {
    test(`${given} → ${why === undefined ? "goes on" : "waits"}`, async () => {
      const found = await unreadyDependency(object, revision, {
        find: async () => dependency as KubeObject | undefined,
      });
      if (why === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "", why);
    });
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { type DependencyLookup, unreadyDependency } from "./dependencies.ts";
import { expressionsOf } from "./expressions.ts";
import { kustomization, readyCondition } from "./fixtures/kustomization.ts";

const revision = "main@sha1:abc";
const isAdditive = false;
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
      const found = await unreadyDependency(object, lookup(dependency), { revision, readiness: new Map(), isAdditive });
      if (why === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "", why);
    });
  }
});

suite("dependencies judged by an expression", () => {
  const ready = { ...readyCondition("True"), lastAppliedRevision: revision };
  const unready = readyCondition("False", "BuildFailed");
  const sameVersion = "dep.metadata.labels['version'] == self.metadata.labels['version']";
  const rows: Array<[readyExpr: string, given: string, status: object, additive: boolean, why: RegExp | undefined]> = [
    ["true", "not ready", unready, false, undefined],
    ["true", "not ready, where both count", unready, true, /is not ready: BuildFailed/],
    ["true", "ready, where both count", ready, true, undefined],
    ["false", "ready", ready, false, /its readyExpr is not true yet/],
    ["false", "ready, where both count", ready, true, /its readyExpr is not true yet/],
    ["dep.status.conditions.exists(c, c.reason == 'BuildFailed')", "not ready", unready, false, undefined],
    ["self.metadata.name != dep.metadata.name", "ready", ready, false, undefined],
    [sameVersion, "without labels", ready, false, /its readyExpr says nothing: 1:1: no such key: dep.metadata.labels/],
    ["dep.metadata.name", "ready", ready, false, /its readyExpr says nothing: it does not give a boolean/],
  ];
  for (const [readyExpr, given, status, additive, why] of rows) {
    test(`${readyExpr}: ${given} → ${why === undefined ? "goes on" : "waits"}`, async () => {
      const judged = kustomization({ dependsOn: [{ name: "base", readyExpr }] });
      const compiled = await expressionsOf(judged.spec);
      assert.equal(compiled.kind, "compiled");
      const judging = { ...compiled.expressions, revision, isAdditive: additive };
      const found = await unreadyDependency(judged, lookup(kustomization({}, status, "base")), judging);
      if (why === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "", why);
    });
  }

  test("missing → waits, whatever the expression", async () => {
    const judged = kustomization({ dependsOn: [{ name: "base", readyExpr: "true" }] });
    const compiled = await expressionsOf(judged.spec);
    assert.equal(compiled.kind, "compiled");
    const found = await unreadyDependency(judged, lookup(undefined), { ...compiled.expressions, revision, isAdditive });
    assert.match(found ?? "", /does not exist/);
  });
});

suite("a HelmRelease as dependency", () => {
  const releaseOf = (status: object) => ({
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "base", namespace: "team", generation: 1 },
    spec: {},
    status,
  });
  const ready = { ...readyCondition("True", "InstallSucceeded"), observedGeneration: 1 };
  const rows: Array<[given: string, dependency: object | undefined, why: RegExp | undefined]> = [
    ["missing", undefined, /HelmRelease\/team\/base does not exist/],
    ["without a status", { ...releaseOf({}), status: undefined }, /has not been reconciled yet/],
    ["of an older generation", releaseOf({ ...ready, observedGeneration: 0 }), /has not been reconciled yet/],
    ["failing", releaseOf({ ...readyCondition("False", "InstallFailed"), observedGeneration: 1 }), /InstallFailed/],
    ["ready", releaseOf(ready), undefined],
  ];
  for (const [given, dependency, why] of rows) {
    test(`${given} → ${why === undefined ? "goes on" : "waits"}`, async () => {
      const installed = kustomization({ dependsOn: [{ kind: "HelmRelease", name: "base" }] });
      const judging = { revision, readiness: new Map(), isAdditive };
      const found = await unreadyDependency(installed, lookup(dependency), judging);
      if (why === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "", why);
    });
  }
});

function lookup(dependency: object | undefined): DependencyLookup {
  return { find: async () => dependency as KubeObject | undefined, noCrossNamespaceRefs: false };
}

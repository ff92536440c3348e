import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type GroupKind, HelmRelease, keyOfKind, type KubeObject, Kustomization } from "@leat/api";
import { createWork } from "@leat/cel";
import { monitorEventLoop, readyStatus, type StoredObject, storedObject } from "@leat/testing";
import { compileReadiness, dependencyChanged, unreadyDependency } from "./dependencies.ts";
import type { DependencyLookup, Dependent } from "./dependency-target.ts";

type Reference = NonNullable<Dependent["spec"]["dependsOn"]>[number];

const work = () => createWork(new AbortController().signal);
const builtIn = { expressions: new Map(), isAdditive: false };
const ready = { ...readyStatus("True"), lastAppliedRevision: "main@sha1:a" };
const unready = readyStatus("False", "BuildFailed");

/** An object `team/app` that depends on others. */
function dependentOn(...dependsOn: Reference[]): StoredObject {
  return storedObject(Kustomization, { spec: { dependsOn } });
}

function base(status: object, spec: object = {}): KubeObject {
  return storedObject(Kustomization, { name: "base", status, spec });
}

function lookup(dependency: KubeObject | undefined, noCrossNamespaceRefs = false): DependencyLookup {
  return { find: async () => dependency, noCrossNamespaceRefs };
}

/** Asserts that a dependency is ready, or the reason why not. */
function assertReason(reason: string | undefined, expected: RegExp | undefined): void {
  if (expected === undefined) assert.equal(reason, undefined);
  else assert.match(reason ?? "", expected);
}

suite("a dependency", () => {
  const release = { ...readyStatus("True", "InstallSucceeded") };
  const releaseOf = (status: object) => storedObject(HelmRelease, { name: "base", status });
  const rows: Array<[given: string, ref: Reference, dependency: KubeObject | undefined, why: RegExp | undefined]> = [
    ["missing", { name: "base" }, undefined, /dependency Kustomization\/team\/base does not exist/],
    ["never reconciled", { name: "base" }, base({}), /has not been reconciled yet/],
    ["of an older generation", { name: "base" }, base({ ...ready, observedGeneration: 0 }), /not been reconciled yet/],
    ["failing", { name: "base" }, base(unready), /is not ready: BuildFailed/],
    ["ready", { name: "base" }, base(ready), undefined],
    ["a missing HelmRelease", { kind: "HelmRelease", name: "base" }, undefined, /HelmRelease\/team\/base does not/],
    ["a HelmRelease without a status", { kind: "HelmRelease", name: "base" }, releaseOf({}), /not been reconciled/],
    [
      "a failing HelmRelease",
      { kind: "HelmRelease", name: "base" },
      releaseOf(readyStatus("False", "InstallFailed")),
      /InstallFailed/,
    ],
    ["a ready HelmRelease", { kind: "HelmRelease", name: "base" }, releaseOf(release), undefined],
  ];
  for (const [given, reference, dependency, why] of rows) {
    test(`${given} → ${why === undefined ? "ready" : "not ready"}`, async () => {
      assertReason(await unreadyDependency(dependentOn(reference), lookup(dependency), builtIn, work()), why);
    });
  }

  test("is of the object's own kind by default", async () => {
    const asked: string[] = [];
    const find = async (kind: GroupKind) => {
      asked.push(keyOfKind(kind));
      return undefined;
    };
    for (const reference of [{ name: "base" }, { kind: "HelmRelease", name: "base" } as const]) {
      await unreadyDependency(dependentOn(reference), { find, noCrossNamespaceRefs: false }, builtIn, work());
    }
    assert.deepEqual(asked, ["Kustomization.kustomize.toolkit.fluxcd.io", "HelmRelease.helm.toolkit.fluxcd.io"]);
  });

  test("that is ready must meet what the kind requires besides", async () => {
    const requires = () => "has not applied revision b yet";
    const readiness = { ...builtIn, requires };
    const reason = await unreadyDependency(dependentOn({ name: "base" }), lookup(base(ready)), readiness, work());
    assert.equal(reason, "dependency Kustomization/team/base has not applied revision b yet");
  });
});

suite("a dependency with a readyExpr", () => {
  const sameVersion = "dep.metadata.labels['version'] == self.metadata.labels['version']";
  const rows: Array<[readyExpr: string, given: string, status: object, isAdditive: boolean, why: RegExp | undefined]> =
    [
      ["true", "not ready", unready, false, undefined],
      ["true", "not ready, where both count", unready, true, /is not ready: BuildFailed/],
      ["true", "ready, where both count", ready, true, undefined],
      ["false", "ready", ready, false, /readyExpr evaluated to false/],
      ["false", "ready, where both count", ready, true, /readyExpr evaluated to false/],
      ["dep.status.conditions.exists(c, c.reason == 'BuildFailed')", "not ready", unready, false, undefined],
      ["self.metadata.name != dep.metadata.name", "ready", ready, false, undefined],
      [sameVersion, "without labels", ready, false, /could not be evaluated: 1:1: no such key: dep.metadata.labels/],
      ["dep.metadata.name", "ready", ready, false, /could not be evaluated: it does not return a boolean/],
    ];
  for (const [readyExpr, given, status, isAdditive, why] of rows) {
    test(`${readyExpr}: ${given} → ${why === undefined ? "ready" : "not ready"}`, async () => {
      const readiness = { expressions: await compiled(readyExpr), isAdditive };
      const dependent = dependentOn({ name: "base", readyExpr });
      assertReason(await unreadyDependency(dependent, lookup(base(status)), readiness, work()), why);
    });
  }

  test("missing → not ready, whatever the expression", async () => {
    const readiness = { expressions: await compiled("true"), isAdditive: false };
    const dependent = dependentOn({ name: "base", readyExpr: "true" });
    assertReason(await unreadyDependency(dependent, lookup(undefined), readiness, work()), /does not exist/);
  });

  const secretName = "dep.status.inventory.entries.exists(e, e.id.contains('password'))";
  const foreign: Array<[readyExpr: string, isVisible: boolean]> = [
    ["has(dep.spec.path)", false],
    ["has(dep.metadata.labels)", false],
    [secretName, false],
    ["has(dep.status.lastAppliedRevision)", false],
    ["dep.status.conditions.exists(c, has(c.message))", false],
    ["dep.status.conditions.exists(c, c.type == 'Other')", false],
    ["dep.status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')", true],
    ["dep.status.observedGeneration == dep.metadata.generation", true],
  ];
  for (const [readyExpr, isVisible] of foreign) {
    const shown = isVisible ? "shows" : "does not show";
    test(`of another namespace ${shown} ${readyExpr} with --no-cross-namespace-refs`, async () => {
      const readiness = { expressions: await compiled(readyExpr), isAdditive: false };
      const dependent = dependentOn({ name: "base", namespace: "other", readyExpr });
      const other = otherObject();
      assertReason(await unreadyDependency(dependent, lookup(other), readiness, work()), undefined);
      const reason = await unreadyDependency(dependent, lookup(other, true), readiness, work());
      assertReason(reason, isVisible ? undefined : /no such key|evaluated to false/);
    });
  }

  test("that cannot be compiled names its field", async () => {
    const result = await compileReadiness([{ name: "a" }, { name: "b", readyExpr: "dep." }], work());
    assert.equal(result.kind, "invalid");
    assert.match(result.message, /^spec\.dependsOn\[1\]\.readyExpr: /);
  });
});

test("expressions of thousands of dependencies are bounded together, and leave the event loop free", async () => {
  const readyExpr = `${"[1,2,3].all(a,".repeat(10)}true${")".repeat(10)}`;
  const references = Array.from({ length: 8000 }, () => ({ name: "base", readyExpr }));
  const limit = { reason: "LimitExceeded", message: /CEL expressions of one reconciliation: the limit is \d+ steps/ };
  using monitor = monitorEventLoop();
  await assert.rejects(compileReadiness(references, work()), limit);
  const some = references.slice(0, 20);
  const result = await compileReadiness(some, work());
  assert.equal(result.kind, "compiled");
  const readiness = { ...result, isAdditive: false };
  const evaluated = unreadyDependency(dependentOn(...some), lookup(base(ready)), readiness, work());
  assert.equal(await evaluated, undefined);
  assert.ok(monitor.worstMs() < 200, `the event loop was blocked for ${monitor.worstMs()} ms`);
});

function otherObject(): KubeObject {
  const other = storedObject(Kustomization, { name: "base", namespace: "other", spec: { path: "./" }, status: ready });
  const [condition] = (ready as unknown as { conditions: object[] }).conditions;
  return {
    ...other,
    metadata: { ...other.metadata, labels: { team: "other" } },
    status: {
      ...other.status,
      inventory: { entries: [{ id: "other_db-password__Secret", v: "v1" }] },
      conditions: [condition, { ...condition, type: "Other" }],
    },
  };
}

async function compiled(readyExpr: string) {
  const result = await compileReadiness([{ name: "base", readyExpr }], work());
  assert.equal(result.kind, "compiled");
  return result.expressions;
}

suite("a change of a dependency", () => {
  const newer = { ...ready, lastAppliedRevision: "main@sha1:b" };
  const rows: Array<[what: string, before: object | undefined, after: object | undefined, concerns: string[]]> = [
    ["became ready", unready, ready, ["plain", "expression"]],
    ["was ready when it was first seen", undefined, ready, ["plain", "expression"]],
    ["became ready at another revision", ready, newer, ["plain", "expression"]],
    ["changed in another way", ready, ready, ["expression"]],
    ["is not ready any more", ready, unready, ["expression"]],
    ["is gone", ready, undefined, []],
  ];
  const dependents = {
    plain: dependentOn({ name: "base" }),
    expression: dependentOn({ name: "base", readyExpr: "true" }),
  };
  for (const [what, before, after, concerns] of rows) {
    test(`that ${what} concerns dependents: ${concerns.join(" and ") || "none"}`, () => {
      const change = { ...(before && { before: base(before) }), ...(after && { after: base(after) }) };
      const concerned = Object.entries(dependents).filter(([, dependent]) => dependencyChanged(change, dependent));
      assert.deepEqual(
        concerned.map(([name]) => name),
        concerns,
      );
    });
  }
});

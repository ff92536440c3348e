import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createWork } from "@leat/cel";
import { expressionsOf } from "./expressions.ts";
import { kustomization } from "./fixtures/kustomization.ts";

const work = createWork(new AbortController().signal);

suite("the expressions of a spec", () => {
  const health = { apiVersion: "example.org/v1", kind: "Widget", current: "status.ready" };
  const wrong: Array<[spec: object, message: RegExp]> = [
    [{ healthCheckExprs: [{ ...health, failed: "status.failed ==" }] }, /^spec\.healthCheckExprs\[0\]\.failed: 1:17: /],
    [
      { healthCheckExprs: [health, health] },
      /^spec\.healthCheckExprs\[1\]: duplicate of an earlier entry for Widget of example\.org$/,
    ],
    [
      { dependsOn: [{ name: "a" }, { name: "b", readyExpr: "dep.x && other.x" }] },
      /^spec\.dependsOn\[1\]\.readyExpr: 1:10: Unknown variable: other$/,
    ],
    [{ dependsOn: [{ name: "a", readyExpr: "'ready'" }] }, /readyExpr: it returns string, expected bool$/],
  ];
  for (const [spec, message] of wrong) {
    test(`${JSON.stringify(spec)} is invalid`, async () => {
      const compiled = await expressionsOf(kustomization(spec).spec, work);
      assert.equal(compiled.kind, "invalid");
      assert.match(compiled.message, message);
    });
  }

  test("are known by the dependency they judge", async () => {
    const dependsOn = [{ name: "a" }, { name: "b", readyExpr: "dep.ready" }, { name: "c", readyExpr: "" }];
    const compiled = await expressionsOf(kustomization({ dependsOn, healthCheckExprs: [health] }).spec, work);
    assert.equal(compiled.kind, "compiled");
    assert.deepEqual([...compiled.expressions.readiness.keys()], [1]);
    assert.notEqual(compiled.expressions.readings, undefined);
  });

  test("are none where the spec has none", async () => {
    const compiled = await expressionsOf(kustomization({ dependsOn: [{ name: "a" }] }).spec, work);
    assert.deepEqual(compiled, { kind: "compiled", expressions: { readings: undefined, readiness: new Map() } });
  });
});

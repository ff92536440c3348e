import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fieldsBeyond, type FieldSet, hasField } from "./field-set.ts";
import { pointerOf } from "./ignore-rules.ts";

const whole = {
  data: { a: "1", b: "2" },
  spec: {
    containers: [
      { name: "x", image: "i" },
      { name: "y", image: "j", ports: [80] },
    ],
    args: ["v", "w"],
  },
};
const set: FieldSet = {
  "f:data": { ".": {}, "f:a": {} },
  "f:spec": {
    "f:containers": { 'k:{"name":"y"}': { ".": {}, "f:name": {}, "f:ports": {} } },
    "f:args": { 'v:"w"': {} },
  },
};

suite("a set of fields", () => {
  const rows: Array<[path: string, has: boolean]> = [
    ["data", true],
    ["data/a", true],
    ["data/b", false],
    ["data/a/deeper", true],
    ["spec/containers/1/ports", true],
    ["spec/containers/1/ports/0", true],
    ["spec/containers/1/image", false],
    ["spec/containers/0/name", false],
    ["spec/containers/7", false],
    ["spec/args/1", true],
    ["spec/args/0", false],
    ["metadata", false],
  ];
  for (const [path, has] of rows) {
    test(`${has ? "has" : "has not"} ${path}`, () => assert.equal(hasField(set, path.split("/"), whole), has));
  }

  test("that is not there has nothing", () => assert.equal(hasField(undefined, ["data"], whole), false));

  const beyond: Array<[what: string, other: FieldSet | undefined, paths: string[]]> = [
    ["nothing", undefined, ["/data/a", "/spec/containers/1/name", "/spec/containers/1/ports", "/spec/args/1"]],
    ["itself", set, []],
    ["all of a field", { "f:spec": {} }, ["/data/a"]],
    ["an item", { "f:spec": { "f:containers": { 'k:{"name":"y"}': {} } } }, ["/data/a", "/spec/args/1"]],
  ];
  for (const [what, other, paths] of beyond) {
    test(`has beyond ${what}: ${paths.join(", ")}`, () =>
      assert.deepEqual(fieldsBeyond(set, other, whole).map(pointerOf), paths));
  }

  test("has nothing beyond another of what is no longer there", () => {
    assert.deepEqual(fieldsBeyond(set, undefined, { data: {} }), []);
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { KubeObject } from "@leat/api";
import { differencesOf, isWithin } from "./differences.ts";
import { pointerOf } from "./ignore-rules.ts";

const base: KubeObject = { apiVersion: "v1", kind: "X", metadata: { name: "x", resourceVersion: "1", generation: 1 } };

suite("what is different in two states of an object", () => {
  const rows: Array<[what: string, before: object, after: object, paths: string[]]> = [
    ["nothing", { spec: { a: 1 } }, { spec: { a: 1 } }, []],
    ["a value", { spec: { a: 1, b: 2 } }, { spec: { a: 1, b: 3 } }, ["/spec/b"]],
    ["a field that was added", { spec: {} }, { spec: { a: { b: 1, c: 2 } } }, ["/spec/a/b", "/spec/a/c"]],
    ["a field that was removed", { spec: { a: 1, b: 2 } }, { spec: { a: 1 } }, ["/spec/b"]],
    ["an empty object that was removed", { spec: { a: {} } }, { spec: {} }, ["/spec/a"]],
    ["another type of value", { spec: { a: { b: 1 } } }, { spec: { a: "b" } }, ["/spec/a"]],
    ["an item of a list", { spec: [{ a: 1 }, { a: 2 }] }, { spec: [{ a: 1 }, { a: 3 }] }, ["/spec/1/a"]],
    ["the length of a list", { spec: { l: [1] } }, { spec: { l: [1, 2] } }, ["/spec/l"]],
    ["a list that was added", { spec: {} }, { spec: { l: [1] } }, ["/spec/l"]],
    ["a name with slashes", { spec: {} }, { spec: { "a/b~c": 1 } }, ["/spec/a~1b~0c"]],
    ["a null", { spec: { a: null } }, { spec: { a: 1 } }, ["/spec/a"]],
    ["status", { status: { a: 1 } }, { status: { a: 2 } }, []],
    [
      "what the server keeps",
      {},
      { metadata: { name: "x", resourceVersion: "2", generation: 2, managedFields: [], uid: "u" } },
      [],
    ],
    [
      "labels, annotations and finalizers",
      { metadata: { name: "x", labels: { a: "1" } } },
      { metadata: { name: "x", annotations: { b: "1" }, finalizers: ["f"] } },
      ["/metadata/labels/a", "/metadata/annotations/b", "/metadata/finalizers"],
    ],
  ];
  for (const [what, before, after, paths] of rows) {
    test(`${what} → ${paths.join(", ") || "nothing"}`, () =>
      assert.deepEqual(differencesOf({ ...base, ...before }, { ...base, ...after }).map(pointerOf), paths));
  }
});

suite("a path lies within", () => {
  const rows: Array<[place: string[], within: boolean]> = [
    [[], true],
    [["spec"], true],
    [["spec", "a"], true],
    [["spec", "a", "b"], false],
    [["spec", "b"], false],
    [["spe"], false],
  ];
  for (const [place, within] of rows) {
    test(`/${place.join("/")}: ${within}`, () => assert.equal(isWithin(["spec", "a"], [["other"], place]), within));
  }

  test("nothing where there is no place", () => assert.equal(isWithin(["spec"], []), false));
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { mergePatch } from "./status-writer.ts";

suite("merge patch of a status", () => {
  const rows: Array<[what: string, before: object, after: object, patch: object | undefined]> = [
    ["nothing where nothing differs", { a: 1, b: [1, { c: 2 }] }, { a: 1, b: [1, { c: 2 }] }, undefined],
    ["what is new", { a: 1 }, { a: 1, b: 2 }, { b: 2 }],
    ["null for what goes", { a: 1, b: 2 }, { a: 1 }, { b: null }],
    ["null for what is undefined", { a: 1 }, { a: undefined }, { a: null }],
    ["the inner difference", { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
    ["whole lists", { a: [1, 2] }, { a: [1] }, { a: [1] }],
  ];
  for (const [what, before, after, patch] of rows) {
    test(what, () => assert.deepEqual(mergePatch(before, after), patch));
  }
});

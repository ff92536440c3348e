import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compileGlob } from "./glob.ts";

suite("a glob", () => {
  const rows: Array<[pattern: string, matching: string[], others: string[]]> = [
    ["a", ["a"], ["", "aa", "b"]],
    ["*", ["", "a", "ab"], []],
    ["a*b", ["ab", "axb", "abb"], ["a", "b", "ba", "abx"]],
    ["*a*b*", ["ab", "xaxbx", "aabb"], ["ba", "a"]],
    ["ab*ba", ["abba", "abxba"], ["aba"]],
    ["a?c", ["abc", "aüc", "a😀c"], ["ac", "abbc"]],
    ["[a-c]x", ["ax", "cx"], ["dx", "x"]],
    ["[^a-c]x", ["dx"], ["ax"]],
    ["[z-a]", [], ["a", "z"]],
    ["\\*a", ["*a"], ["xa", "a"]],
    ["a[b\\]c]d", ["abd", "a]d", "acd"], ["axd"]],
  ];
  for (const [pattern, matching, others] of rows) {
    test(pattern, () => {
      const glob = compileGlob(pattern);
      for (const text of matching) assert.equal(glob?.matches(text), true, text);
      for (const text of others) assert.equal(glob?.matches(text), false, text);
    });
  }

  for (const malformed of ["[a", "a\\", "[a-]", "[]"]) {
    test(`${malformed} is malformed`, () => assert.equal(compileGlob(malformed), undefined));
  }

  test("with many runs does not backtrack", () => {
    const started = performance.now();
    assert.equal(compileGlob(`${"*a".repeat(500)}*b`)?.matches("a".repeat(4000)), false);
    assert.ok(performance.now() - started < 5_000);
  });
});

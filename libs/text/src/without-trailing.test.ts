import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutTrailing } from "./without-trailing.ts";

test("characters are removed from the end, and from there only", () => {
  assert.equal(withoutTrailing("/a//b///", "/"), "/a//b");
  assert.equal(withoutTrailing("a \t", " \t"), "a");
  assert.equal(withoutTrailing("///", "/"), "");
  assert.equal(withoutTrailing("", "/"), "");
});

test("a megabyte of them takes linear time", () => {
  const started = performance.now();
  assert.equal(withoutTrailing(`${"/".repeat(1_000_000)}x`, "/").length, 1_000_001);
  assert.ok(performance.now() - started < 5_000);
});

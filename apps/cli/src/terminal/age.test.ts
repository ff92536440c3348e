import assert from "node:assert/strict";
import { test } from "node:test";
import { age } from "./age.ts";

const rows: Array<[seconds: number, text: string]> = [
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [200, "3m20s"],
  [45 * 60, "45m"],
  [5 * 3600 + 60, "5h1m"],
  [30 * 3600, "30h"],
  [3 * 86_400 + 3600, "3d1h"],
  [400 * 86_400, "400d"],
];
for (const [seconds, text] of rows) {
  test(`what was ${seconds} s ago is ${text} old`, () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    assert.equal(age(new Date(now - seconds * 1000).toISOString(), now), text);
  });
}

test("what has no time has no age", () => {
  assert.equal(age(undefined), "");
});

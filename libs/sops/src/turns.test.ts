import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { longestTurnMs, turnLimitMs } from "@leat/testing";
import { ageKey, type AgeKey, contentOf, encryptedBySops, keysOf } from "../test/fixture.ts";
import type { Keys } from "./keys.ts";

suite("a large file is decrypted in turns", () => {
  let key: AgeKey;
  let keys: Keys;

  before(async () => {
    key = await ageKey();
    keys = await keysOf({ "a.agekey": key.identity });
  });

  const times = (count: number, of: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => of(index));
  const rows: Array<[what: string, name: string, content: string]> = [
    ["values", "a.yaml", times(2500, (index) => `k${index}: v${index}\n`).join("")],
    ["comments in one place", "a.yaml", `${"# one\n".repeat(3000)}a: b\n`],
    ["comments in a list", "a.yaml", `a:\n${"  # one\n  - b\n".repeat(2000)}`],
    ["values of JSON", "a.json", JSON.stringify(Object.fromEntries(times(2500, String).map((at) => [`k${at}`, at])))],
    ["sections, each with a comment", "a.ini", times(400, (index) => `; one\n[s${index}]\nk = v\n`).join("")],
    ["lines in a value", "a.env", `A=${"b\\n".repeat(500_000)}\n`],
  ];
  for (const [what, name, content] of rows) {
    test(what, async () => {
      const encrypted = await encryptedBySops(name, content, { age: key.recipient });
      assert.ok((await contentOf(name, encrypted, keys)).length > 0);
      const ms = await longestTurnMs(() => contentOf(name, encrypted, keys));
      assert.ok(ms < turnLimitMs(), `blocked for ${ms} ms`);
    });
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { longestTurnMs, turnLimitMs } from "@leat/testing";
import { builtObject } from "./objects.ts";
import { rejectRoundedIntegers } from "./rounded-integers.ts";

test("rounded integers are looked for in turns", async () => {
  const spec = Array.from({ length: 50_000 }, (_, index) => index);
  const large = builtObject({ apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "large" }, spec });
  const objects = Array.from({ length: 200 }, () => large);
  const files = [{ path: "a.yaml", content: Buffer.from("id: 9007199254740993\n") }];
  const { signal } = new AbortController();
  const longest = await longestTurnMs(() => rejectRoundedIntegers(objects, files, signal));
  assert.ok(longest < turnLimitMs(), `${longest} ms`);
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { stringifyManifestInTurns } from "./manifest.ts";

suite("what is written in turns has a limit", () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
  const rows: Array<[what: string, value: unknown, message: RegExp]> = [
    ["of values", Array.from({ length: 70_000 }, () => ({})), /more than 60000 values: the limit is 60000 values/],
    ["of levels", nested(600), /more than 500 levels: the limit is 500 levels/],
    ["of characters", Array.from({ length: 5 }, () => "x".repeat(1_000_000)), /more than 4194304 characters/],
    [
      "of the characters of a text",
      { a: "x\n".repeat(2_000_000) },
      /a text of 4000000 characters: the limit is 2097152/,
    ],
  ];
  for (const [what, value, message] of rows) {
    test(what, () =>
      assert.rejects(
        stringifyManifestInTurns(value, async () => {}),
        { reason: "LimitExceeded", message },
      ),
    );
  }

  test("that the largest texts of a cluster are within", async () => {
    const written = await stringifyManifestInTurns({ a: "some words\n".repeat(190_000) }, async () => {});
    assert.ok(written.length > 2_000_000);
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { stringifyManifestInTurns } from "./manifest.ts";

suite("what is written in turns has a limit", () => {
  const nested = (levels: number, leaf: unknown): unknown => (levels === 0 ? leaf : [nested(levels - 1, leaf)]);
  const rows: Array<[what: string, value: unknown, message: RegExp]> = [
    ["of values", Array.from({ length: 70_000 }, () => ({})), /more than 60000 values: the limit is 60000 values/],
    ["of levels", nested(600, 1), /more than 500 levels: the limit is 500 levels/],
    ["of lines, each with its indentation", nested(450, "a\n".repeat(5000)), /more than 3145728 characters: the limit/],
    ["of the characters of a text", { a: "x\n".repeat(2_000_000) }, /more than 1572864 characters of text: the limit/],
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
    const written = await stringifyManifestInTurns({ a: "some words\n".repeat(140_000) }, async () => {});
    assert.ok(written.length > 1_500_000);
  });
});

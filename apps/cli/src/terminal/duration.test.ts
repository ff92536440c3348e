import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { duration } from "./duration.ts";

suite("a length of time reads well", () => {
  const cases: Array<[ms: number, text: string]> = [
    [0.4, "0 ms"],
    [85.2, "85 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [1240, "1.24 s"],
    [59_994, "59.99 s"],
    [59_996, "1 min 0 s"],
    [185_000, "3 min 5 s"],
    [119_800, "2 min 0 s"],
  ];
  for (const [ms, text] of cases) test(`${ms} → ${text}`, () => assert.equal(duration(ms), text));
});

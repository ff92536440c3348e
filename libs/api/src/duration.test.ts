import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Duration, formatDuration, parseDuration, ShortDuration } from "./duration.ts";

suite("a duration is read as Go reads it", () => {
  const rows: [text: string, ms: number][] = [
    ["0", 0],
    ["0s", 0],
    ["30s", 30_000],
    ["10m", 600_000],
    ["1h30m", 5_400_000],
    ["1h0m0s", 3_600_000],
    ["1.5m", 90_000],
    [".5s", 500],
    ["2.s", 2_000],
    ["345.1ms", 345.1],
    ["250us", 0.25],
    ["250\u00b5s", 0.25],
    ["7ns", 0.000007],
    ["1m1m", 120_000],
    ["2562047h", 9_223_369_200_000],
  ];
  for (const [text, ms] of rows) test(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms));
});

suite("an invalid duration is rejected by name", () => {
  for (const text of [
    "",
    "5",
    "s",
    "1d",
    "-5m",
    "+5m",
    "1h ",
    " 1h",
    "1h-5m",
    "1,5s",
    "1.2.3s",
    ".s",
    "1e3s",
    "99999999h",
    "1h30",
  ]) {
    test(JSON.stringify(text), () =>
      assert.throws(() => parseDuration(text), {
        name: "Fault",
        reason: "InvalidDuration",
        message: /is not a duration; write it like/,
      }),
    );
  }
});

suite("a duration is printed as Go prints it", () => {
  const rows: [ms: number, text: string][] = [
    [0, "0s"],
    [0.000001, "1ns"],
    [0.0025, "2.5\u00b5s"],
    [1, "1ms"],
    [345.1, "345.1ms"],
    [999.999999, "999.999999ms"],
    [1000, "1s"],
    [1500, "1.5s"],
    [1001, "1.001s"],
    [60_000, "1m0s"],
    [90_000, "1m30s"],
    [600_000, "10m0s"],
    [3_600_000, "1h0m0s"],
    [5_400_500, "1h30m0.5s"],
    [86_400_000 * 400, "9600h0m0s"],
    [-1500, "-1.5s"],
  ];
  for (const [ms, text] of rows) test(`${ms} ms is ${text}`, () => assert.equal(formatDuration(ms), text));

  test("what is printed reads back as the same", () => {
    for (const ms of [1, 59_999, 61_001, 12_345_678.5]) assert.equal(parseDuration(formatDuration(ms)), ms);
  });
});

test("a manifest's interval may have hours, the time limit of a source may not", () => {
  assert.equal(Duration.safeParse("1h").success, true);
  assert.equal(ShortDuration.safeParse("1h").success, false);
  assert.equal(ShortDuration.safeParse("90m1s5ms").success, true);
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { exactInteger, parseJson } from "./index.ts";

suite("JSON", () => {
  const same = [
    "1152921504606846977",
    "-1152921504606846977",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "1152921504606846976",
    "1000000000000000000",
    "9007199254740991",
    "9999999999999999",
    "0.1234567890123456",
    '{"a":[1,1152921504606846977,{"b":9007199254740993}],"c":"1152921504606846977"}',
    '"id: 1152921504606846977"',
  ];
  for (const text of same) {
    test(`${text} is written as it was read`, () => assert.equal(JSON.stringify(parseJson(text)), text));
  }

  test("is written as it was read wherever the long integer is in the text", () => {
    for (let before = 0; before < 40; before += 1) {
      const text = `["${"x".repeat(before)}",1152921504606846977,"${"1".repeat(before)}"]`;
      assert.equal(JSON.stringify(parseJson(text)), text);
    }
  });

  test("has numbers where they hold all digits", () => {
    assert.deepEqual(parseJson('[9007199254740991, 1000000000000000000, "9007199254740993"]'), [
      9007199254740991,
      1e18,
      "9007199254740993",
    ]);
  });

  test("has floating point numbers for integers that Kubernetes has none for", () => {
    assert.equal(parseJson("123456789012345678901234567890"), 1.2345678901234568e29);
  });

  test("that is none is an error", () => {
    assert.throws(() => parseJson('{"a":1152921504606846977'), SyntaxError);
  });

  test("of a megabyte of digits is read in a moment", () => {
    const text = `["${"1".repeat(500_000)}",${"1".repeat(500_000)}]`;
    const start = performance.now();
    parseJson(text);
    assert.ok(performance.now() - start < 1000);
  });
});

test("an integer is a bigint only where a number has other digits", () => {
  assert.deepEqual([2n ** 53n, 2n ** 60n, 10n ** 18n, -5n].map(exactInteger), [2 ** 53, 2n ** 60n, 1e18, -5]);
});

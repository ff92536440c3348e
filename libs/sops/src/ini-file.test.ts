import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { checkLines } from "./check-lines.ts";
import { readIni } from "./ini-file.ts";
import { Rejection } from "./rejection.ts";

/** Paths and values of the leaves. */
function leavesOf(text: string): Record<string, string> {
  const [part] = readIni(text).parts;
  return Object.fromEntries(part?.leaves.map(({ path, found }) => [path.join("."), found.bytes.toString()]) ?? []);
}

suite("a line of an INI file", () => {
  const rows: Array<[line: string, leaves: Record<string, string>]> = [
    ["a = b", { a: "b" }],
    ["  a  :  b  ", { a: "b" }],
    ["a=b=c:d", { a: "b=c:d" }],
    ["= b", { "": "b" }],
    ["`a=b` = c", { "a=b": "c" }],
    ['"""a=b""" = c', { "a=b": "c" }],
    ["`a=b = c", { "`a": "b = c" }],
    ["a = `b # c` ; d", { a: "b # c" }],
    ["a = b # c", { a: "b" }],
    ['a = "b"', { a: "b" }],
    ["a = 'b'", { a: "b" }],
    ['a = """b\nc"""', { a: "b\nc" }],
    ["a", {}],
    ["; a = b", {}],
    ["  # a = b", {}],
    ["   ", {}],
  ];
  for (const [line, leaves] of rows) {
    const expected = Object.fromEntries(Object.entries(leaves).map(([key, value]) => [`DEFAULT.${key}`, value]));
    test(JSON.stringify(line), () => assert.deepEqual(leavesOf(line), expected));
  }

  test("in brackets begins a section", () => {
    assert.deepEqual(leavesOf("[ a ]\nx = 1\n[b]\nx = 2"), { "a.x": "1", "b.x": "2" });
  });
});

suite("an INI file takes linear time", () => {
  const rows: Array<[what: string, text: string]> = [
    ["spaces without an equals sign", `${" ".repeat(200_000)}x`],
    ["spaces after a key", `x${" ".repeat(200_000)}y`],
    ["brackets", `[${"] ".repeat(200_000)}x`],
    ["a long value", `x = ${" ;".repeat(200_000)}`],
  ];
  for (const [what, text] of rows) {
    test(what, () => {
      const started = performance.now();
      readIni(text);
      assert.ok(performance.now() - started < 5_000);
    });
  }

  test("a great number of lines, by a limit", () => {
    const message = "is encrypted and has 2000001 lines: the limit is 50000 lines";
    assert.throws(() => checkLines("\n".repeat(2_000_000)), { reason: "LimitExceeded", message });
  });

  test("a quoted value that never ends", () => {
    const started = performance.now();
    assert.throws(() => readIni(`b = """${"\n".repeat(2_000_000)}`), Rejection);
    assert.ok(performance.now() - started < 5_000);
  });
});

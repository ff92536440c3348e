import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseYamlDocuments, yamlDocuments } from "./yaml.ts";

suite("a YAML text is bounded before it is parsed", () => {
  const rows: Array<[what: string, text: string, message: string]> = [
    [
      "by its documents",
      "---\na\n".repeat(20_001),
      "f with more than 20000 YAML documents: the limit is 20000 documents",
    ],
    [
      "by the length of a document",
      `a: ${"x".repeat(5_000_000)}`,
      "f with a YAML document of 5000003 characters: the limit is 3145728 characters",
    ],
    [
      "by the lines of a document",
      `a: |\n${"  x\n".repeat(400_000)}`,
      "f with a YAML document of 400002 lines: the limit is 300000 lines",
    ],
    [
      "by the tabs of a last line without an end",
      `"${"\t".repeat(200_000)}`,
      "f with 200000 tabs in its last line: the limit is 100000 tabs",
    ],
    [
      "by the values of a document",
      `a: [${"1,".repeat(400_000)}1]`,
      "f with a YAML document of up to 400003 values: the limit is 60000 values",
    ],
    [
      "by the lists within lists of a line",
      `${"- ".repeat(490)}a\n`.repeat(200),
      "f with a YAML document of up to 98001 values: the limit is 60000 values",
    ],
  ];
  for (const [what, text, message] of rows) {
    test(what, () => {
      const started = performance.now();
      assert.throws(() => parseYamlDocuments(text, "f"), { reason: "LimitExceeded", message });
      assert.ok(performance.now() - started < 5_000);
    });
  }

  test("and may have many documents and long texts", () => {
    const text = `a: |\n${"  some: text, [more text\n".repeat(100_000)}`;
    assert.equal([...yamlDocuments(`${text}---\n`.repeat(3), "f")].length, 3);
  });

  test("and has numbers of a sensible length", () => {
    for (const digits of ["1".repeat(2_000_000), "1_".repeat(1_000_000), "0".repeat(2_000_000)])
      assert.equal(typeof parseYamlDocuments(digits, "f")[0], "string");
  });

  test("and in all if it is parsed at once", () => {
    const text = `${"- a\n".repeat(40_000)}---\n`;
    assert.throws(() => parseYamlDocuments(text.repeat(2), "f"), {
      message: "f with up to 80005 values of YAML: the limit is 60000 values",
    });
  });
});

suite("a document begins", () => {
  const rows: Array<[text: string, documents: unknown[]]> = [
    ["a: 1\n---\nb: 2\n", [{ a: 1 }, { b: 2 }]],
    ["---\na: 1\n---\n---\r\nb: 2", [{ a: 1 }, { b: 2 }]],
    ["--- x\n--- z", ["x", "z"]],
    ["a: |\n  ---\n  b\n", [{ a: "---\nb\n" }]],
    ["a: |-\n ---\n---a: 1", [{ a: "---", "---a": 1 }]],
    ["a\n...\n---\nb", ["a", "b"]],
    ["%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n", [{ a: 1 }, { b: 2 }]],
  ];
  for (const [text, documents] of rows) {
    test(JSON.stringify(text), () => assert.deepEqual(parseYamlDocuments(text, "f"), documents));
  }

  test("an error has the line in the whole text", () => {
    assert.throws(
      () => parseYamlDocuments("a: 1\n---\nb: 2\n---\nc: d: e\n", "f"),
      /^Fault: f:5:\d+ is not valid YAML/,
    );
  });
});

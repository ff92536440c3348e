import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseYaml, parseYamlDocuments, stringifyYaml } from "./yaml.ts";

suite("YAML as kubectl reads it", () => {
  const rows: Array<[text: string, value: unknown]> = [
    ["0644", 420],
    ["0o17", 15],
    ["0b11", 3],
    ["0x1f", 31],
    ["1_000", 1000],
    ["-5", -5],
    ["yes", true],
    ["off", false],
    ["~", undefined],
    ["1e3", 1000],
    ["12:30:45", "12:30:45"],
    ["2026-01-02", "2026-01-02"],
    ["v1.2", "v1.2"],
    ["'yes'", "yes"],
  ];
  for (const [text, value] of rows) {
    test(`${text} is ${JSON.stringify(value)}`, () => assert.deepEqual(parseYaml(text, "a.yaml"), value));
  }

  test("splits documents and leaves empty ones out", () => {
    assert.deepEqual(parseYamlDocuments("---\na: 1\n---\n# nothing\n---\nb: 2\n", "a.yaml"), [{ a: 1 }, { b: 2 }]);
  });

  test("names the file and the line of an error", () => {
    assert.throws(() => parseYaml("a: 1\nb: [", "apps/b.yaml"), /apps\/b\.yaml:\d+:\d+ is no YAML/);
  });

  test("writes what it reads back as the same", () => {
    const value = {
      text: ["yes", "0644", "1e3", "null", "a: b", "", "~", "2026-01-02"],
      number: 420,
      list: [true, null, 1.5],
    };
    assert.deepEqual(parseYaml(stringifyYaml(value), "a.yaml"), value);
  });
});

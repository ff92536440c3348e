import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { shownChange } from "./line-diff.ts";

suite("a change is shown", () => {
  const rows: Array<[about: string, before: unknown, after: unknown, text: string]> = [
    ["as what it was and what it will be", 2, 3, "2 → 3"],
    ["with all digits", 1152921504606846977n, 9007199254740993n, "1152921504606846977 → 9007199254740993"],
    ["with nothing before it", undefined, "text", "(none) → text"],
    ["with nothing after it", true, undefined, "true → (none)"],
    ["so that a text that looks like a number is told from one", 1, "1", '1 → "1"'],
    ["so that an empty text is seen", "", "a b", '"" → a b'],
    ["without what is secret", "***", "***", "*** → *** (changed)"],
    [
      "from where a long text differs",
      `${"x".repeat(300)}a`,
      `${"x".repeat(300)}b`,
      `…${"x".repeat(24)}a → …${"x".repeat(24)}b`,
    ],
  ];
  for (const [about, before, after, text] of rows) {
    test(about, () => assert.deepEqual(shownChange({ path: "p", before, after }), { kind: "line", text }));
  }

  test("by lines where it has several", () => {
    const text = (line: string) => `one\ntwo\nthree\n${line}\nfive\nsix\nseven\n`;
    const shown = shownChange({ path: "p", before: text("four"), after: text("4") });
    assert.deepEqual(shown, { kind: "lines", lines: ["  two", "  three", "- four", "+ 4", "  five", "  six"] });
  });

  test("by the lines of its YAML where it is a list", () => {
    const shown = shownChange({
      path: "p",
      before: [{ name: "a" }],
      after: [{ name: "a" }, { name: "b", value: "1" }],
    });
    assert.deepEqual(shown, { kind: "lines", lines: ["  - name: a", "+ - name: b", "+   value: '1'"] });
  });
});

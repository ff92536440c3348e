import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type Random, randomFrom } from "@leat/testing";
import { countValues } from "./count-values.ts";
import { parseYamlDocuments } from "./yaml.ts";

suite("the values of a document are counted before it is parsed", () => {
  const text = "  a, b: [c, {d: - e,\n".repeat(100);
  const rows: Array<[what: string, document: string, most: number]> = [
    ["mappings and sequences", 'a: 1\nb:\n- c: ""\n  d: x, [y\n-  - "e, f"\n', 8],
    ["a text of many lines as one", `a: |\n${text}`, 2],
    ["a text in a sequence", `a:\n- |-\n${text}- b: >2\n  ${text}`.replaceAll("\n  a", "\n     a"), 5],
    ["a text with empty lines", `a: |\n\n${text}\n \nb: c\n`, 3],
    ["a text with the line ends of Windows", `a: |\r\n${text.replaceAll("\n", "\r\n")}b: c`, 3],
    ["a plain text of many lines", `a: some\n${"  text, more\n".repeat(100)}`, 2],
  ];
  for (const [what, document, most] of rows) {
    test(what, () => {
      parseYamlDocuments(document, "f");
      assert.equal(countValues(document), most);
    });
  }

  const hidden = `x: |\n${"  1, 1, [\n".repeat(100)}`;
  const attacks: Array<[what: string, document: string]> = [
    ["within a text with quotes", `- ["\n${hidden}`],
    ["after a comment", `a: # b: |\n  [\n${hidden}`],
    ["after a line end of another kind", `a: b\r${hidden}`],
    ["after a key that is not plain", `a b: [\n${hidden}`],
    ["after a tab", `-\t[\n${hidden}`],
    ["after a marker", `--- [\n${hidden}`],
    ["after a mark of the byte order", `\uFEFF[\n${hidden}`],
    ["after an anchor", `&a [\n${hidden}`],
  ];
  for (const [what, document] of attacks)
    test(`none is hidden ${what}`, () => assert.ok(countValues(document) >= 300, `${countValues(document)}`));

  test("never fewer than there are", (context) => {
    const seed = Number(process.env["LEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    context.diagnostic(`seed ${seed}`);
    const random = randomFrom(seed);
    let parsed = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const document = randomDocument(random);
      const values = valuesIn(document);
      if (values === undefined) continue;
      parsed += 1;
      assert.ok(countValues(document) >= values, `${JSON.stringify(document)} has ${values} values`);
    }
    assert.ok(parsed > 1_000, `only ${parsed} were YAML`);
  });
});

const tokens = ["a", "b c", "1", ":", ": ", "- ", "-", "? ", "[", "]", "{", "}", ",", ", ", '"', "'", "\\", "#", " #"];
const spaces = ["\n", "\n", "\n  ", "\n    ", " ", "\t", "\r", "\r\n", "|", "|\n  ", ">-\n   ", "a: ", "\nb: |\n  "];
const others = ["&x ", "*x", "!!str ", "<<: ", "---\n", "...\n", "a: [", "]\n", "b: 'c'\n", "- a: |2\n"];

function randomDocument(random: Random): string {
  return Array.from({ length: 1 + random.below(12) }, () =>
    random.pick(random.below(3) === 0 ? tokens : random.below(2) === 0 ? spaces : others),
  ).join("");
}

/** `undefined` if it is not YAML. What an alias repeats is not parsed again. */
function valuesIn(document: string): number | undefined {
  try {
    const seen = new Set<object>();
    const count = (value: unknown): number => {
      if (typeof value !== "object" || value === null) return 1;
      if (seen.has(value)) return 1;
      seen.add(value);
      return Object.values(value).reduce((sum: number, member) => sum + count(member), 1);
    };
    return parseYamlDocuments(document, "f").reduce((sum: number, one) => sum + count(one), 0);
  } catch {
    return undefined;
  }
}

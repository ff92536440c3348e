import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { stringifyManifest } from "./manifest.ts";
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
    ["0O17", 15],
    ["0B11", 3],
    ["0X1F", 31],
    ["00644", 420],
    ["08", 8],
    ["-0644", -420],
    ["-_1", -1],
    ["_1", "_1"],
    ["1_000.5", 1000.5],
    [".5", 0.5],
    ["1.10", 1.1],
    ["0x1p3", "0x1p3"],
    ["18446744073709551615", 18446744073709551615n],
    ["-9007199254740993", -9007199254740993n],
    ["0x1000000000000001", 1152921504606846977n],
    ["0x1ffffffffffffffff", "0x1ffffffffffffffff"],
    ["123456789012345678901234567890", 1.2345678901234568e29],
    ["NaN", "NaN"],
    ["y", true],
    ["yEs", "yEs"],
    ["!!str 0644", "0644"],
  ];
  for (const [text, value] of rows) {
    test(`${text} is ${JSON.stringify(value)}`, () => assert.deepEqual(parseYaml(text, "a.yaml"), value));
  }

  test("splits documents and leaves empty ones out", () => {
    assert.deepEqual(parseYamlDocuments("---\na: 1\n---\n# nothing\n---\nb: 2\n", "a.yaml"), [{ a: 1 }, { b: 2 }]);
  });

  test("names the file and the line of an error", () => {
    assert.throws(() => parseYaml("a: 1\nb: [", "apps/b.yaml"), /apps\/b\.yaml:\d+:\d+ is not valid YAML/);
  });

  test("reads keys like values, and makes them text", () => {
    assert.deepEqual(parseYaml("{on: 1, 0644: 2, 1.10: 3, 2026-01-02: 4}", "a.yaml"), {
      true: 1,
      420: 2,
      1.1: 3,
      "2026-01-02": 4,
    });
  });

  test("takes the last of keys that are written twice only where it is asked to", () => {
    assert.throws(() => parseYaml("a: 1\na: 2", "a.yaml"), /a\.yaml:2:1 is not valid YAML: duplicated mapping key/);
    assert.deepEqual(parseYamlDocuments("a: 1\na: 2", "a.yaml", { duplicateKeys: "last" }), [{ a: 2 }]);
  });

  test("leaves what kustomize takes for text", () => {
    const texts = ["yes", "No", "ON", "off", "y", "N"];
    assert.deepEqual(parseYamlDocuments(`[${texts.join()}, True, 0644]`, "a.yaml", { dialect: "kustomize" }), [
      [...texts, true, 420],
    ]);
  });

  test("reads merged mappings and aliases", () => {
    const text = "base: &base {a: 1, b: 2}\nown: {<<: *base, b: 3}\nlist: [*base]";
    assert.deepEqual(parseYaml(text, "a.yaml"), { base: { a: 1, b: 2 }, own: { a: 1, b: 3 }, list: [{ a: 1, b: 2 }] });
  });

  test("reads collections within collections as deep as a large schema", () => {
    const depth = 300;
    assert.equal(
      JSON.stringify(parseYaml("{a: ".repeat(depth) + "1" + "}".repeat(depth), "a.yaml")).length,
      depth * 6 + 1,
    );
  });

  test("writes what it reads back as the same", () => {
    const value = {
      text: [
        "yes",
        "0644",
        "0O17",
        "1_0.5",
        "-_1",
        ".inf",
        "y",
        "=",
        "<<",
        "1e3",
        "null",
        "a: b",
        "",
        "~",
        "2026-01-02",
      ],
      number: [420, -5, 2 ** 53, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 64n - 1n, 2 ** 64, 1e18, 1e21, -1e21, 1e-7],
      list: [true, null, 1.5],
    };
    assert.deepEqual(parseYaml(stringifyYaml(value), "a.yaml"), value);
  });
});

suite("a manifest as Kubernetes' own tools write it", () => {
  const rows: Array<[value: unknown, text: string]> = [
    ["${plain}", "${plain}"],
    ["-${negative}", "-${negative}"],
    ["--flag=${value}", "--flag=${value}"],
    ["${host}:${port}", "${host}:${port}"],
    ["a ${b} c", "a ${b} c"],
    ["${key}: ${value}", "'${key}: ${value}'"],
    ["${a} # ${b}", "'${a} # ${b}'"],
    ["{${a}}", "'{${a}}'"],
    ["it's ${a}", "it's ${a}"],
    ["'${a}'", "'''${a}'''"],
    ["*${a}", "'*${a}'"],
    ["---${a}", "'---${a}'"],
    ["${a} ", "'${a} '"],
    ["yes", "'yes'"],
    ["5", "'5'"],
    ["", "''"],
    ["${a}\t", '"${a}\\t"'],
    ["${a}\n${b}", "|-\n  ${a}\n  ${b}"],
    ["${a}\n\n", "|+\n  ${a}\n"],
    ["${a} \n${b}\n", '"${a} \\n${b}\\n"'],
    ["${a}\n\tb", '"${a}\\n\\tb"'],
    [5, "5"],
    [["${a}"], "\n- ${a}"],
  ];
  for (const [value, text] of rows) {
    test(JSON.stringify(value), () => {
      const written = stringifyManifest({ b: value });
      const expected = text.startsWith("\n") ? `b:${text}\n` : `b: ${text}\n`;
      assert.equal(written.slice(0, expected.length), expected);
      assert.deepEqual(parseYaml(written, "a.yaml"), { b: value });
    });
  }

  test("with its keys in order", () => {
    const value = { b: { d: 1, c: 2 }, a: [{ f: 1, e: 2 }] };
    assert.equal(stringifyManifest(value), "a:\n- e: 2\n  f: 1\nb:\n  c: 2\n  d: 1\n");
  });
});

suite("YAML that has no finite form is rejected", () => {
  const rows: Array<[what: string, text: string, message: RegExp]> = [
    ["aliases of aliases", bomb(9), /^a\.yaml cannot be read: its expanded aliases are too large$/],
    [
      "aliases of one large collection",
      `a: &a [${"x,".repeat(1000)}]\nb: [${"*a,".repeat(1000)}]`,
      /aliases are too large/,
    ],
    ["an alias within what it names", "a: &a [1, *a]", /an alias refers to a collection that contains it/],
    ["a number without end", "a: .inf", /Infinity is not a JSON number/],
    ["no number", "a: [.NaN]", /NaN is not a JSON number/],
    ["depth without end", "[".repeat(5000), /a\.yaml:1:\d+ is not valid YAML: nesting exceeded/],
  ];
  for (const [what, text, message] of rows) {
    test(what, () => assert.throws(() => parseYaml(text, "a.yaml"), { name: "Fault", reason: "InvalidYAML", message }));
  }

  test("but not aliases that many objects share", () => {
    const labels = "l: &l {app: a, team: b}\nall:\n" + "- {labels: *l}\n".repeat(5000);
    assert.doesNotThrow(() => parseYaml(labels, "a.yaml"));
  });
});

/** Each of the collections holds the one before it ten times. */
function bomb(levels: number): string {
  const lines = ["a0: &a0 [x]"];
  for (let level = 1; level <= levels; level += 1) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(",")}]`,
    );
  }
  return lines.join("\n");
}

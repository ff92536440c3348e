import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createBudget } from "./budget.ts";
import { expand } from "./expand.ts";

const values: Record<string, string> = {
  who: "world",
  file: "lib/archive.tar.gz",
  path: "/a/b/c",
  empty: "",
  one: "1",
  minus: "-3",
  accents: "héé",
  stars: "2*2",
};
const valueOf = (variable: string) => values[variable];

/** The text that the expression becomes; `undefined` where it is rejected. */
function textOf(text: string): string | undefined {
  const expanded = expand(text, valueOf);
  return expanded.kind === "expanded" ? expanded.text : undefined;
}

function messageOf(text: string): string {
  const expanded = expand(text, valueOf);
  return expanded.kind === "rejected" ? expanded.message : "";
}

suite("what stands for itself", () => {
  const rows: Array<[text: string, becomes: string]> = [
    ["", ""],
    ["no variable } here {", "no variable } here {"],
    ["$who, $ and 5$", "$who, $ and 5$"],
    ["$${who}", "${who}"],
    ["$$who and $$", "$who and $"],
    ["$$$${who}", "$${who}"],
    [String.raw`a\b\\c\/d`, String.raw`a\b\\c\/d`],
    ["two\nlines", "two\nlines"],
  ];
  for (const [text, becomes] of rows) {
    test(`${text} → ${becomes}`, () => assert.equal(textOf(text), becomes));
  }
});

suite("an expression", () => {
  const rows: Array<[text: string, becomes: string]> = [
    ["hello ${who}!", "hello world!"],
    ["$$${who}", "$world"],
    ["${who}${one}", "world1"],
    // Length, in bytes
    ["${#who}", "5"],
    ["${#empty}", "0"],
    ["${#accents}", "5"],
    // Case
    ["${who^}", "World"],
    ["${who^^}", "WORLD"],
    ["${accents^^}", "HÉÉ"],
    ["${unset:=ABC}${who,,}", "ABCworld"],
    ["${who^,}", "world"],
    // Substrings, in bytes
    ["${who:1}", "orld"],
    ["${who:1:2}", "or"],
    ["${who:1::2}", "or"],
    ["${who:${minus}}", "rld"],
    ["${who:${minus}:2}", "rl"],
    ["${who:-3}", "world"],
    ["${who: -3}", "world"],
    ["${who:9}", ""],
    ["${who:1:99}", "orld"],
    ["${who:x}", "world"],
    ["${accents:0:3}", "hé"],
    // A pattern at the start or the end, the shortest or the longest
    ["${path#*/}", "a/b/c"],
    ["${path##*/}", "c"],
    ["${file%.*}", "lib/archive.tar"],
    ["${file%%.*}", "lib/archive"],
    ["${file#l?b/}", "archive.tar.gz"],
    ["${file#[a-m]ib}", "/archive.tar.gz"],
    ["${file#[^l]ib}", "lib/archive.tar.gz"],
    ["${file%[a-z]}", "lib/archive.tar.g"],
    ["${file#[}", "lib/archive.tar.gz"],
    ["${stars##*\\*}", "2"],
    ["${who#*}", "orld"],
    ["${who##*}", ""],
    ["${who%x}", "world"],
    ["${file##${empty}}", "lib/archive.tar.gz"],
    // Replacement of a text
    ["${path/\\//-}", "-a/b/c"],
    ["${path//\\//-}", "-a-b-c"],
    ["${file/a/}", "lib/rchive.tar.gz"],
    ["${file//a//b}", "lib/brchive.tbr.gz"],
    ["${file/#lib/src}", "src/archive.tar.gz"],
    ["${file/#arch/x}", "lib/archive.tar.gz"],
    ["${file/%gz/xz}", "lib/archive.tar.xz"],
    ["${file/%lib/x}", "lib/archive.tar.gz"],
    ["${who/o/$&}", "w$&rld"],
    ["${who//${empty}/-}", "-w-o-r-l-d-"],
    // Defaults
    ["${unset:=text}", "text"],
    ["${unset:-text}", "text"],
    ["${unset=text}", "text"],
    ["${empty:=text}", "text"],
    ["${empty=text}", "text"],
    ["${unset:+text}", "text"],
    ["${unset:?text}", "text"],
    ["${who:=text}", "world"],
    ["${who:+text}", "world"],
    ["${unset:=}", ""],
    ["${unset:=a b\nc}", "a b\nc"],
    ["${unset:=$who}", "$who"],
    ["${unset:=${who}}", "world"],
    ["${unset:=my-${who^^}-${empty:-${one}}!}", "my-WORLD-1!"],
    ["${unset:=text} ${unset:-}", "text "],
  ];
  for (const [text, becomes] of rows) {
    test(`${text} → ${becomes}`, () => assert.equal(textOf(text), becomes));
  }
});

suite("an expression is rejected", () => {
  const rows: Array<[text: string, message: RegExp]> = [
    ["${unset}", /^variable unset is not set: .*\$\{unset:=default\}.*\$\$\{unset\}/],
    ["${#unset}", /variable unset is not set/],
    ["${unset^^}", /variable unset is not set/],
    ["${unset:1}", /variable unset is not set/],
    ["${unset#a}", /variable unset is not set/],
    ["${unset/a/b}", /variable unset is not set/],
    ["${who:=${unset}}", /variable unset is not set/],
    ["${who-text}", /invalid or unclosed expression \$\{who/],
    ["${who+text}", /invalid or unclosed expression \$\{who/],
    ["${who?text}", /invalid or unclosed expression \$\{who/],
    ["${who[@]}", /invalid or unclosed expression \$\{who/],
    ["${who", /invalid or unclosed expression \$\{who/],
    ["${who:=text", /invalid or unclosed expression \$\{who/],
    ["${who:}", /invalid or unclosed expression \$\{who/],
    ["${who::2}", /invalid or unclosed expression \$\{who/],
    ["${who#}", /invalid or unclosed expression \$\{who/],
    ["${who/o}", /invalid or unclosed expression \$\{who/],
    ["${who^x}", /invalid or unclosed expression \$\{who/],
    ["${who#a${one}}", /invalid or unclosed expression \$\{who/],
    ["${}", /not followed by a variable name/],
    ["${ who }", /not followed by a variable name/],
    ["${{ who }}", /not followed by a variable name/],
    ["${#}", /not followed by a variable name/],
    ["${who:0:${minus}}", /negative length in the expression \$\{who:/],
    ["${accents:0:2}", /\$\{accents: cuts a multi-byte character/],
    [`${"${a:=".repeat(60)}${"}".repeat(60)}`, /nested deeper than 50/],
  ];
  for (const [text, message] of rows) {
    test(`${text.slice(0, 40)} as ${message.source}`, () => assert.match(messageOf(text), message));
  }
});

suite("expanding", () => {
  test("leaves as it is written what is made of a value that nobody can tell", () => {
    const text = "${who} ${secret} ${#secret} ${secret:=${who}} ${unset:=${secret^^}} ${who/o/${secret}} $${secret}";
    const expanded = expand(text, (variable) => (variable === "secret" ? null : valueOf(variable)));
    assert.ok(expanded.kind === "expanded");
    const becomes = "world ${secret} ${#secret} ${secret:=${who}} ${secret^^} w${secret}rld ${secret}";
    assert.equal(expanded.text, becomes);
  });

  test("tells what stands in the place of each expression, and which variables are in it", () => {
    const expanded = expand("a ${who} ${unset:=${one}-${who^^}}", valueOf);
    assert.deepEqual(expanded, {
      kind: "expanded",
      text: "a world 1-WORLD",
      expansions: [
        { variables: ["who"], text: "world" },
        { variables: ["unset", "one", "who"], text: "1-WORLD" },
      ],
    });
  });

  test("rejects what would grow without measure", () => {
    const long = () => "x".repeat(1_000_000);
    assert.throws(() => expand("${long}".repeat(100), long), { reason: "LimitExceeded" });
  });

  test("rejects what would take without measure", () => {
    const pattern = "*a".repeat(500);
    const long = () => "a".repeat(1_000_000);
    assert.throws(() => expand(`\${long##${pattern}}`, long), /limit is 2000000 characters of work/);
  });

  test("rejects intermediate results that grow without measure", () => {
    const replaced = `\${long//\${empty}/${"€".repeat(200)}}`;
    const given: Record<string, string> = { long: "x".repeat(30_000) };
    assert.throws(() => expand(`\${unset:=${replaced.repeat(6)}}`, (name) => given[name] ?? ""), {
      message: "a substituted value or object: the limit is 3145728 characters",
    });
  });

  test("rejects what has more expressions than one turn can read", () => {
    for (const text of ["${who}".repeat(200_000), `\${unset:=${"${who}".repeat(200_000)}}`])
      assert.throws(() => expand(text, () => "x"), /limit is 2000000 characters of work/);
  });

  test("counts the work of all the texts of a run", () => {
    const budget = createBudget();
    const long = () => "a".repeat(99_000);
    const texts = Array.from({ length: 100 }, () => `\${long##${"*a".repeat(8)}b}`);
    assert.throws(() => texts.forEach((text) => expand(text, long, budget.forText())), /of one run: the limit/);
  });

  test("takes large texts", () => {
    const text = `${"$5 and {more} ".repeat(200_000)}\${who}`;
    assert.equal(textOf(text)?.length, text.length - 1);
  });
});

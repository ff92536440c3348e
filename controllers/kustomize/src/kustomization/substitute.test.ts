import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { builtObject } from "@leat/kustomize";
import { longestTurnMs, turnLimitMs } from "@leat/testing";
import { turns } from "@leat/text";
import { buildOf, configMap } from "./fixtures/build.ts";
import { substitute, type Substitution } from "./substitute.ts";
import type { Variable } from "./variables.ts";

const inline = (value: string | undefined): Variable => ({ value, from: "spec.postBuild.substitute", isSecret: false });
const secret = (value: string | undefined): Variable => ({ value, from: "Secret/team/vars", isSecret: true });

const variables = new Map<string, Variable>(
  Object.entries({
    who: inline("world"),
    number: inline("42"),
    large: inline("1152921504606846977"),
    text: inline("!!str 42"),
    quote: inline('"'),
    apostrophe: inline("it's"),
    separated: inline("x \u2028 y\u2029z \u0085 \ufeff \u{1f600}"),
    list: inline("[1, two]"),
    colon: inline("a: b"),
    empty: inline(""),
    password: secret("sesame"),
    key: secret(undefined),
  }),
);
const turn = async () => {};
const strict: Substitution = { variables, turn };

function substituted(data: object, metadata: object = {}, substitution = strict) {
  return substitute(builtObject(configMap("one", data, metadata), { file: "app/one.yaml" }), substitution);
}

async function dataOf(data: object, substitution = strict): Promise<unknown> {
  const result = await substituted(data, {}, substitution);
  return result.kind === "object" ? result.built.object["data"] : result.message;
}

suite("an object with variables", () => {
  const rows: Array<[data: object, becomes: object]> = [
    [{ a: "hello ${who}" }, { a: "hello world" }],
    [{ a: "${number}" }, { a: 42 }],
    [{ a: "v${number}" }, { a: "v42" }],
    [
      { a: "${large}", b: 9007199254740993n, c: "${who}" },
      { a: 1152921504606846977n, b: 9007199254740993n, c: "world" },
    ],
    [
      { a: "x \u2028 y\u2029\n \u0085 \u007f \u009f \ufeff \ufffe \uffff \u{1f600} ${who}" },
      { a: "x \u2028 y\u2029\n \u0085 \u007f \u009f \ufeff \ufffe \uffff \u{1f600} world" },
    ],
    [
      { a: "${separated}", b: "x ${separated} y" },
      { a: "x \u2028 y\u2029z \u0085 \ufeff \u{1f600}", b: "x x \u2028 y\u2029z \u0085 \ufeff \u{1f600} y" },
    ],
    [{ a: "-${number}" }, { a: -42 }],
    [{ a: "${text}" }, { a: "42" }],
    [{ a: "${quote}${number}${quote}" }, { a: "42" }],
    [{ a: "'${number}'" }, { a: "'42'" }],
    [{ a: "${number} " }, { a: "42 " }],
    [{ a: "--say=${apostrophe}" }, { a: "--say=it's" }],
    [{ a: "${list}" }, { a: [1, "two"] }],
    [{ a: "${empty}" }, { a: null }],
    [{ a: "x${empty}" }, { a: "x" }],
    [
      { "${who}": "a", b: { "k-${number}": 1 } },
      { world: "a", b: { "k-42": 1 } },
    ],
    [{ a: "one\n${who}\n" }, { a: "one\nworld\n" }],
    [{ a: "one\t${who}" }, { a: "one\tworld" }],
    [{ a: "${colon}\n" }, { a: "a: b\n" }],
    [
      { a: "$$ ${number}", b: "$$" },
      { a: "$ 42", b: "$" },
    ],
    [
      { a: "5", b: "yes", c: "", d: null, e: "${who}" },
      { a: "5", b: "yes", c: "", d: null, e: "world" },
    ],
  ];
  for (const [data, becomes] of rows) {
    test(`${JSON.stringify(data)} → ${JSON.stringify(becomes)}`, async () =>
      assert.deepEqual(await dataOf(data), becomes));
  }

  test("gets nothing for what is not set, where that is not strict", async () => {
    assert.deepEqual(await dataOf({ a: "x${unset}y" }, { ...strict, unset: "" }), { a: "xy" });
  });

  test("keeps its file, and has another digest", async () => {
    const before = builtObject(configMap("one", { a: "${who}" }), { file: "app/one.yaml" });
    const after = await substitute(before, strict);
    assert.ok(after.kind === "object" && after.built.file === "app/one.yaml");
    assert.equal(after.built.digest, builtObject(configMap("one", { a: "world" })).digest);
  });

  test("remembers what of Secrets is in it, as it was put there", async () => {
    const result = await substituted({ a: "${password} ${password:0:3} ${unset:=my-${password}} ${who}" });
    assert.ok(result.kind === "object");
    assert.deepEqual(result.built.secrets, ["sesame", "ses", "my-sesame"]);
    // With YAML's eyes this is another number, which a message of the API server would quote.
    const code = { value: "012345", from: "Secret vars", isSecret: true };
    const number = await substitute(builtObject(configMap("one", { a: "${code}" })), {
      ...strict,
      variables: new Map([["code", code]]),
    });
    assert.ok(number.kind === "object");
    assert.deepEqual(number.built.secrets, ["012345", String(number.built.object["data"]?.["a" as never])]);
    const without = await substituted({ a: "${who}" });
    assert.ok(without.kind === "object" && without.built.secrets === undefined);
  });
});

suite("an object stays the very same", () => {
  const disabled = { "kustomize.toolkit.fluxcd.io/substitute": "disabled" };
  const rows: Array<[about: string, data: object, metadata: object]> = [
    ["without variables", { a: "text $who $" }, {}],
    ["with a label against it", { a: "${who}" }, { labels: disabled }],
    ["with an annotation against it", { a: "${unset}" }, { annotations: disabled }],
  ];
  for (const [about, data, metadata] of rows) {
    test(about, async () => {
      const before = builtObject(configMap("one", data, metadata));
      const after = await substitute(before, strict);
      assert.ok(after.kind === "object" && after.built === before);
    });
  }

  test("but not with another word than disabled", async () => {
    const labels = { "kustomize.toolkit.fluxcd.io/substitute": "Disabled" };
    const result = await substituted({ a: "${who}" }, { labels });
    assert.ok(result.kind === "object");
    assert.deepEqual(result.built.object["data"], { a: "world" });
  });
});

suite("an object is rejected, by its name, its file and the variable", () => {
  const rows: Array<[data: object, message: RegExp]> = [
    [{ a: "${unset}" }, /: variable unset is not set/],
    [{ a: "${who-x}" }, /: invalid or unclosed expression \$\{who/],
    [{ a: "${key}" }, /: variable key from Secret\/team\/vars is not valid UTF-8$/],
    [
      { a: "${who} ${colon}" },
      /: substituting variable colon produces invalid YAML; a value needs quotes of its own, as in colon: '"text"'$/,
    ],
    [{ a: "${colon} x", b: "${colon} y" }, /variable colon /],
    [{ a: "${quote}${who}" }, /variable quote /],
    [{ a: '${unset:="}x' }, /substituting the default of variable unset produces/],
    [{ a: "${nope:=*star} ${who}" }, /substituting the default of variable nope produces invalid YAML/],
  ];
  for (const [data, message] of rows) {
    test(`${JSON.stringify(data)} as ${message.source}`, async () => {
      const said = String(await dataOf(data));
      assert.ok(said.startsWith("ConfigMap/team/one (file app/one.yaml): "), said);
      assert.match(said, message);
    });
  }

  test("where its name has become a number", async () => {
    const result = await substitute(builtObject(configMap("${number}", {})), strict);
    assert.ok(result.kind === "rejected");
    assert.match(result.message, /substituting variable number produces an object without metadata\.name/);
  });

  test("and by five variables at most", async () => {
    const many = new Map(Array.from({ length: 9 }, (_, index) => [`v${index}`, inline("a: b")] as const));
    const data = Object.fromEntries([...many.keys()].map((name) => [name, `\${${name}}`]));
    const said = String(await dataOf(data, { ...strict, variables: many }));
    assert.match(said, /substituting variables v0, v1, v2, v3, v4, … produces/);
  });
});

suite("a large object", () => {
  const twoTexts = (count: number) => Array.from({ length: count / 3 }, () => ({ a: "b", c: "1" }));

  test("takes turns with other work", async () => {
    const [built] = buildOf(configMap("one", { a: "${who}", list: twoTexts(50_000) })).objects;
    assert.ok(built);
    const work = () => substitute(built, { variables, turn: turns(new AbortController().signal) });
    assert.equal((await work()).kind, "object");
    const ms = await longestTurnMs(work);
    assert.ok(ms < turnLimitMs(), `blocked for ${ms} ms`);
  });

  const nested = (levels: number): unknown => (levels === 0 ? "a\n".repeat(5000) : [nested(levels - 1)]);
  const rows: Array<[what: string, data: object, message: RegExp]> = [
    ["by its indentation", { list: nested(450) }, /: YAML with more than 3145728 characters: the limit/],
    [
      "by the length of a text",
      { text: "x\n".repeat(1_400_000) },
      /: YAML with more than 1572864 characters of text: the limit/,
    ],
    [
      "by the values that it gets",
      { list: "${many}" },
      /: the result .* of up to 70010 values: the limit is 60000 values/,
    ],
  ];
  for (const [what, data, message] of rows) {
    test(`has a limit ${what}`, async () => {
      const many = new Map(variables).set("many", inline(`[${"1,".repeat(70_000)}1]`));
      const result = substituted({ ...data, a: "${who}" }, {}, { ...strict, variables: many });
      await assert.rejects(result, { reason: "LimitExceeded", message });
    });
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compile, type Evaluation } from "./compile.ts";

const certificate = {
  metadata: { generation: 2, labels: { "app/version": "v1" } },
  spec: { replicas: 3, id: 1152921504606846977n, weight: 0.5, ports: [80, 443], paused: false, note: null },
  status: {
    observedGeneration: 2,
    conditions: [
      { type: "Issuing", status: "False" },
      { type: "Ready", status: "True", reason: "Issued" },
    ],
  },
  data: { password: "hunter2", length: 5, constructor: "x" },
};

async function evaluated(text: string, variables: Record<string, unknown> = certificate): Promise<Evaluation> {
  const compiled = await compile(text);
  assert.equal(compiled.kind, "compiled", compiled.kind === "invalid" ? compiled.message : "");
  return compiled.expression.evaluate(variables);
}

/** Each of them is true. */
function holds(what: string, expressions: string[]): void {
  suite(what, () => {
    for (const text of expressions) {
      test(text, async () => assert.deepEqual(await evaluated(text), { kind: "value", value: true }));
    }
  });
}

holds("fields", [
  "metadata.generation == status.observedGeneration",
  "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')",
  "status.conditions.exists(e, e.type == 'Ready' && e.reason == 'Issued')",
  "status.conditions.exists_one(e, e.status == 'True')",
  "status.conditions.map(e, e.type) == ['Issuing', 'Ready']",
  "status.conditions.map(e, e.status == 'True', e.type) == ['Ready']",
  "metadata.labels['app/version'] == 'v1'",
  "has(status.conditions) && !has(status.phase)",
  "'Ready' in status.conditions.map(e, e.type)",
  "'password' in data",
  "spec.note == null",
  "size(spec.ports) == 2",
  "data.length == 5",
  "data.size() == 3",
  "spec.ports == [80, 443]",
  "metadata.labels == {'app/version': 'v1'}",
  "metadata.labels.all(key, key.startsWith('app/'))",
  "spec.paused ? false : true",
  "true || status.phase == 'x'",
  "status.phase == 'x' || true",
]);

holds("numbers of JSON", [
  "spec.replicas + 1 == 4",
  "spec.replicas == 3.0",
  "spec.id == 1152921504606846977 && spec.id != 1152921504606846976",
  "spec.id % 10 == 7 && string(spec.id).endsWith('977')",
  "spec.weight < 1",
  "spec.weight * 2.0 == 1.0",
  "double(spec.replicas) / 2.0 == 1.5",
  "string(spec.replicas) == '3'",
  "int('42') == 42",
  "spec.ports[1] - spec.ports[0] == 363",
  "type(spec.replicas) == int && type(spec.weight) == double",
]);

holds("optional values", [
  "status.?phase.orValue('none') == 'none'",
  "status.?phase.?deep.hasValue() == false",
  "metadata.labels[?'app/version'].value() == 'v1'",
  "optional.none().or(optional.of(1)).value() == 1",
  "optional.ofNonZeroValue('').hasValue() == false",
  "optional.ofNonZeroValue(spec.replicas).value() == 3",
  "status.?observedGeneration.optMap(g, g + 1).value() == 3",
  "!status.?phase.optMap(p, p == 'x').hasValue()",
  "status.?conditions.optFlatMap(c, c.last()).value().type == 'Ready'",
  "spec.ports.first().value() == 80 && ![].first().hasValue()",
  "[1, 2].exists(n, optional.of(n).optMap(m, m * 2).value() == 4)",
]);

holds("strings", [
  "'tacocat'.charAt(3) == 'o'",
  "'tacocat'.charAt(7) == ''",
  "'a\u{1F600}b'.charAt(2) == 'b'",
  "'this is a string: %s, %d, %.2f, %x, %e, 100%%'.format(['s', 4, 3.14159, 255, 1234.5]) == 'this is a string: s, 4, 3.14, ff, 1.234500e+03, 100%'",
  "'%s %s %s %s'.format([true, null, [1, 2], {'b': 1, 'a': 2}]) == 'true null [1, 2] {a: 2, b: 1}'",
  "'%b %o %X'.format([5, 8, 'hello']) == '101 10 68656C6C6F'",
  "'hello mellow'.indexOf('ello', 2) == 7",
  "['hello', 'mellow'].join(' ') == 'hello mellow'",
  "'hello mellow'.lastIndexOf('hello') == 0",
  "'TacoCÆt'.lowerAscii() == 'tacocÆt'",
  "'tacocæt'.upperAscii() == 'TACOCæT'",
  'strings.quote(\'two "words"\\n\') == \'"two \\\\"words\\\\"\\\\n"\'',
  "'hello hello'.replace('he', 'we') == 'wello wello'",
  "'hello hello'.replace('he', 'we', 1) == 'wello hello'",
  "'hello hello'.replace('', '_') == '_h_e_l_l_o_ _h_e_l_l_o_'",
  "'hello hello'.replace('', '_', 2) == '_h_ello hello'",
  "'hello'.replace('l', '$&', 0) == 'hello' && 'l'.replace('l', '$&') == '$&'",
  "'hello hello hello'.split(' ', 2) == ['hello', 'hello hello']",
  "'tacocat'.substring(0, 4) == 'taco'",
  "'  trim\\n '.trim() == 'trim'",
  "'gums'.reverse() == 'smug'",
  "'ghcr.io/org/app:v1.2.3'.matches('^[a-z./]+:v[0-9.]+$') && matches('abc', 'b')",
]);

holds("lists of different types", ["[1, 'a', null].size() == 3", "spec.replicas in ['3', 3]"]);

holds("sets and encoders", [
  "sets.contains([], []) && sets.contains([1, 2, 3, 4], [2, 3]) && !sets.contains([1], [2])",
  "sets.contains([1, 2.0, 3u], [1.0, 2u, 3])",
  "sets.equivalent([1, 1], [1]) && !sets.equivalent([1, 2], [2])",
  "sets.equivalent([[1], [2, 3]], [[2, 3.0], [1]])",
  "sets.intersects([1], [1, 2]) && !sets.intersects([1], [2]) && !sets.intersects([1], [])",
  "sets.equivalent(spec.ports, [443, 80])",
  "base64.encode(b'hello') == 'aGVsbG8='",
  "base64.decode('aGVsbG8=') == b'hello' && base64.decode('aGVsbG8') == b'hello'",
]);

holds("times", [
  "timestamp('2026-01-01T00:00:00Z') + duration('90m') == timestamp('2026-01-01T01:30:00Z')",
  "string(timestamp('2026-01-01T00:00:10.500Z')) == '2026-01-01T00:00:10.5Z'",
  "string(duration('1h')) == '3600s'",
  "int(timestamp('1970-01-01T00:01:00Z')) == 60",
  "timestamp('2026-01-01T00:00:00Z').getHours() == 0",
]);

suite("what does not compile is told with its place", () => {
  const rows: Array<[text: string, message: RegExp]> = [
    ["", /^it is empty$/],
    ["status.phase ==", /^1:16: Unexpected token/],
    ["status.phase ==\n 'a' b", /^2:6: /],
    ["'a' + 1 == 'a1'", /^1:1: no such overload: string \+ int$/],
    ["status.phase.shout() == 'A'", /shout/],
    ["lower('A') == 'a'", /^1:1: .*'lower\(string\)'$/],
    ["'text'", /^it returns string, expected bool$/],
    ["status.phase.matches('(')", /^1:1: invalid regular expression$/],
    [`'${"a".repeat(10_000)}' == ''`, /characters, the limit is 10000$/],
    ["(".repeat(2_000), /deep|depth|Exceeded/i],
    [`${"a||".repeat(3_000)}a`, /AST/i],
  ];
  for (const [text, message] of rows) {
    test(JSON.stringify(text.slice(0, 40)), async () => {
      const compiled = await compile(text);
      assert.equal(compiled.kind, "invalid");
      assert.match(compiled.message, message);
    });
  }

  test("a list of different types, where the variables are given", async () => {
    const compiled = await compile("[1, 'a'].size() == 2", { variables: ["self", "dep"] });
    assert.equal(compiled.kind, "invalid");
    assert.match(compiled.message, /^1:5: List elements must have the same type/);
  });

  test("a variable that is not among those given", async () => {
    const compiled = await compile("self.spec.x == other.spec.x", { variables: ["self", "dep"] });
    assert.equal(compiled.kind, "invalid");
    assert.match(compiled.message, /^1:16: Unknown variable: other$/);
  });
});

suite("what cannot be evaluated is told with its place, and without a value", () => {
  const rows: Array<[text: string, message: string]> = [
    ["status.phase == 'x'", "1:1: no such key: status.phase"],
    ["true &&\n missing.field == 1", "2:2: unknown variable: missing"],
    ["spec.ports[5] == 1", "1:1: index out of bounds: spec.ports[5]"],
    ["metadata.labels[data.password] == 'x'", "1:1: no such key: metadata.labels[data.password]"],
    ["bool(data.password)", "1:1: bool conversion error: bool(data.password)"],
    [
      "timestamp(data.password) == timestamp('2026-01-01T00:00:00Z')",
      "1:1: invalid timestamp: timestamp(data.password)",
    ],
    ["'x'.matches('(' + data.password)", "1:1: invalid regular expression: 'x'.matches('(' + data.password)"],
    ["base64.decode(data.password + '!') == b''", "1:1: invalid base64: base64.decode(data.password + '!')"],
    ["'%q'.format([data.password]) == ''", "1:1: unknown format: '%q'.format([data.password])"],
    ["data.password > 1", "1:1: no such overload: data.password > 1"],
    ["data.constructor == 'x'", "unsupported type"],
    ["data.password", "it does not return a boolean"],
    ["timestamp('2026-01-01T00:00:00Z').getHours(data.password) == 1", "it cannot be evaluated"],
  ];
  for (const [text, message] of rows) {
    test(text, async () => assert.deepEqual(await evaluated(text), { kind: "failed", message }));
  }
});

suite("what takes too much is given up", () => {
  const many = { items: Array.from({ length: 2_000 }, (_, index) => ({ index, name: "n".repeat(100) })) };
  const lists = `[1]${".map(x, [x, x])".repeat(40)}`;
  const rows: Array<[what: string, text: string]> = [
    ["loops in loops", "items.all(x, items.all(y, x.index + y.index >= 0))"],
    ["loops over literals", nested(7)],
    ["an error that an alternative would make up for", "items.all(x, items.all(y, x.index + y.index >= 0)) || true"],
    ["a text that doubles", `['a']${".map(x, x + x)".repeat(40)}.size() == 1`],
    ["a text that is replaced by more", `'a'${".replace('a', 'aaaaaaaaaa')".repeat(12)}.size() == 1`],
    ["a list that doubles", `[[1]]${".map(x, x + x)".repeat(40)}.size() == 1`],
    ["a comparison of what is the same inside many times", `${lists} == ${lists}`],
    ["a set of what is the same inside many times", `sets.contains(${lists}, ${lists})`],
    ["texts joined again and again", "items.map(x, items.map(y, y.name).join()).join() == ''"],
    ["a long text against a long expression", `items.map(x, x.name).join().matches('${"(n|m)".repeat(500)}b')`],
  ];
  for (const [what, text] of rows) {
    test(what, async () => {
      const started = performance.now();
      const evaluation = await evaluated(text, many);
      assert.equal(evaluation.kind, "failed");
      assert.match(evaluation.message, /^it exceeds the step limit/);
      assert.ok(performance.now() - started < 5_000);
    });
  }

  test("a regular expression whose program is large is invalid", async () => {
    const started = performance.now();
    const compiled = await compile(`'a'.matches('${"(x{1000})".repeat(900)}')`);
    assert.deepEqual(compiled, { kind: "invalid", message: "1:1: regular expression too large" });
    assert.ok(performance.now() - started < 5_000);
  });

  test("an expression may be evaluated again and again", async () => {
    const compiled = await compile("items.all(x, x.index >= 0)");
    assert.equal(compiled.kind, "compiled");
    for (let round = 0; round < 100; round++) {
      assert.deepEqual(compiled.expression.evaluate(many), { kind: "value", value: true });
    }
  });

  test("a regular expression that others take for ever with is answered at once", async () => {
    assert.deepEqual(await evaluated("'aaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')"), {
      kind: "value",
      value: false,
    });
  });
});

function nested(depth: number): string {
  return depth === 0 ? "true" : `[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].all(x${depth}, ${nested(depth - 1)})`;
}

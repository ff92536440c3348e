import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { parseYamlDocuments } from "@leat/yaml";
import {
  type AgeKey,
  ageKey,
  contentOf,
  decrypted,
  decryptedBySops,
  encryptedBySops,
  keysOf,
} from "../test/fixture.ts";
import { decrypt, type Format, type Keys } from "./index.ts";

let key: AgeKey;
let keys: Keys;
before(async () => {
  key = await ageKey();
  keys = await keysOf({ "a.agekey": `# comes with a comment\n${key.identity}\n` });
});

const secret = `# a comment
apiVersion: v1
kind: Secret
metadata:
    name: s # another
    labels: {a: "b", n: "1"}
stringData:
    password: pässwörd
    yes: "yes"
    quoted: "a\\u2028b \\u0085 \\" \\\\ \\t"
    lines: |
        one
          two

        three
    empty: ""
    number-like: "0123"
    long: ${"x".repeat(5000)}
`;

const types = `string: s
"10": integer-like keys keep their place
"9": and this one
integer: 42
negative: -7
octal: 0644
hexadecimal: 0xff
large: 9007199254740993
float: 1234.56789
exponent: 1.5e-9
whole: 3.0
huge: 1e300
yes: true
no: false
nothing: null
tilde: ~
time: 2026-01-02T03:04:05Z
day: 2026-01-02
list:
    - a
    # a comment in a list
    - 1
    - - nested
      - true
    - {deep: {deeper: value}}
empty_map: {}
empty_list: []
plain_unencrypted: stays
`;

const commented = `# at the head
a: 1 # beside a value
# before a mapping
map:
    # before its first key
    b: x # inside
    # between keys
    c:
        # deep
        d: y
        # after the last
e: [1]
`;

const rules: Array<[what: string, rule: object]> = [
  ["everything", {}],
  ["by a regular expression", { encrypted_regex: "^(data|stringData|list|float)$" }],
  ["by a suffix", { encrypted_suffix: "word" }],
  ["but for a suffix", { unencrypted_suffix: "r" }],
  ["but for a regular expression", { unencrypted_regex: "^(kind|metadata|apiVersion|integer|time|float|day)$" }],
  ["with a MAC over what is encrypted", { mac_only_encrypted: true, encrypted_regex: "^(stringData|list)$" }],
  ["by comments", { encrypted_comment_regex: "another|in a list" }],
];

/** Decrypted by us and by sops itself, as kubectl reads it. */
async function bothOf(encrypted: Buffer): Promise<[ours: unknown, theirs: unknown]> {
  const both = await Promise.all([contentOf("a.yaml", encrypted, keys), decryptedBySops("a.yaml", encrypted, key)]);
  const [ours, theirs] = both.map((content) => parseYamlDocuments(String(content), "a.yaml"));
  return [ours, theirs];
}

suite("what is decrypted is what sops makes of it", () => {
  const files: Array<[what: string, text: string]> = [
    ["a Secret", secret],
    ["values of all types", types],
    ["documents that were encrypted together", `${secret}---\n${types}---\n# nothing\n---\na: {b: [1, x]}\n`],
  ];
  for (const [what, text] of files) {
    for (const [which, rule] of rules) {
      test(`YAML: ${what}, ${which}`, async () => {
        const encrypted = await encryptedBySops("a.yaml", text, { age: key.recipient, ...rule });
        assert.match(String(encrypted), /ENC\[AES256_GCM/);
        const [ours, theirs] = await bothOf(encrypted);
        assert.deepEqual(ours, theirs);
      });
    }
  }

  test("YAML: documents that were put together after they were encrypted, beside one that was not", async () => {
    const texts = ["a: 1\nb: x\n", "a: 2\n", "a: 3\n"];
    const [one, , other] = await Promise.all(
      texts.map((text) => encryptedBySops("a.yaml", text, { age: key.recipient })),
    );
    const content = await contentOf("a.yaml", [one, texts[1], other].join("---\n"), keys);
    assert.deepEqual(parseYamlDocuments(String(content), "a.yaml"), [{ a: 1, b: "x" }, { a: 2 }, { a: 3 }]);
  });

  test("YAML: comments", async () => {
    const encrypted = await encryptedBySops("a.yaml", commented, { age: key.recipient });
    const both = await Promise.all([contentOf("a.yaml", encrypted, keys), decryptedBySops("a.yaml", encrypted, key)]);
    const [ours, theirs] = both.map((content) => String(content).match(/#.*/g)?.toSorted());
    assert.deepEqual(ours, theirs);
    assert.equal(ours?.length, 8);
  });

  test("YAML: text that is not UTF-8", async () => {
    const text = `a: !!binary ${Buffer.from([0xff, 0xfe, 0x41]).toString("base64")}\n`;
    const encrypted = await encryptedBySops("a.yaml", text, { age: key.recipient });
    assert.equal(String(await contentOf("a.yaml", encrypted, keys)), text);
  });

  const json = {
    name: "ä\u2028😀",
    "10": "x".repeat(2000),
    "9": [1, -0.5, 1e300, true, null, {}, [], [[]], 9007199254740993n],
    empty: "",
  };
  const jsonText = JSON.stringify(json);
  const exact: Array<[name: string, content: string | Buffer, rule?: object]> = [
    ["a.json", jsonText],
    ["zeros-and-infinities.yaml", "a: -0.0\nb: .inf\nc: -.inf\nd: .nan\ne: -0\nf: 0.0\n"],
    ["a.json", '{"v":[-0.0,0.0,-0,1e21,1e-7,1.50,-1.0]}'],
    [
      "a.env",
      '# a comment\nA=1\n#another\nB=two = three # no comment\nLINES=one\\ntwo\nEMPTY=\nQUOTED="q"\n',
      { unencrypted_suffix: "B" },
    ],
    [
      "a.ini",
      '; of the first\nfirst = 1\n\n# of the section\n# in two lines\n[section]\n; of the key\nkey = value\nsharp = `a # b ; c`\n`x=y` = " spaces "\nlines = """a\nb"""\nlast = 2\n',
      { unencrypted_suffix: "sharp" },
    ],
    ["a.bin", Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))],
  ];
  for (const [name, content, rule] of exact) {
    test(`${name}, to the last bit`, async () => {
      const encrypted = await encryptedBySops(name, content, { age: key.recipient, ...rule });
      const [ours, theirs] = await Promise.all([
        contentOf(name, encrypted, keys),
        decryptedBySops(name, encrypted, key),
      ]);
      assert.equal(ours.toString("latin1"), theirs.toString("latin1"));
    });
  }
});

suite("the format of the result is that which is asked for", () => {
  const rows: Array<[from: string, text: string, as: Format, result: string]> = [
    ["a.yaml", "a: [1, x]\n", "json", '{\n\t"a": [\n\t\t1,\n\t\t"x"\n\t]\n}\n'],
    ["a.yaml", "data: raw\n", "binary", "raw"],
    ["a.yaml", "a: 1\n", "binary", "a: 1\n"],
    ["a.bin", "A=1\n", "dotenv", "A=1\n"],
    ["a.json", '{"a": 1}', "yaml", '{\n\t"a": 1\n}\n'],
  ];
  for (const [from, text, as, result] of rows) {
    test(`${from} as ${as}`, async () => {
      const encrypted = await encryptedBySops(from, text, { age: key.recipient });
      assert.equal(String(await contentOf(from, encrypted, keys, as)), result);
    });
  }
});

test("what is not encrypted is said to be plain", async () => {
  const texts = [
    "a: 1\n",
    "",
    "mac: ENC[AES256_GCM,data:x] is how a MAC begins",
    "a:\n  sops:\n    mac: ENC[AES256_GCM,data:x]",
  ];
  for (const text of texts) assert.deepEqual(await decrypted("a.yaml", text, keys), { kind: "plain" });
});

suite("a document that is to stay encrypted", () => {
  const isLeft = (document: Readonly<Record<string, unknown>>) => document["kind"] === "Kept";
  const rule = () => ({ age: key.recipient, encrypted_suffix: "word" });

  test("does so, and needs no key", async () => {
    const encrypted = await encryptedBySops("a.yaml", "kind: Kept\npassword: x\n", rule());
    const request = { name: "a.yaml", content: encrypted, as: "yaml" as const, signal: AbortSignal.timeout(60_000) };
    assert.deepEqual(await decrypt({ ...request, keys: await keysOf({}), isLeft }), { kind: "plain" });
  });

  test("does so among documents that were encrypted together", async () => {
    const text = "kind: Other\npassword: y\n---\nkind: Kept\npassword: x\n";
    const content = await encryptedBySops("a.yaml", text, rule());
    const signal = AbortSignal.timeout(60_000);
    const answer = await decrypt({ name: "a.yaml", content, as: "yaml", keys, isLeft, signal });
    assert(answer.kind === "decrypted", JSON.stringify(answer));
    const documents = parseYamlDocuments(String(answer.content), "a.yaml");
    assert.deepEqual(documents, [{ kind: "Other", password: "y" }, parseYamlDocuments(String(content), "a.yaml")[1]]);
  });

  test("does so beside others", async () => {
    const [kept, other] = await Promise.all(
      ["kind: Kept\npassword: x\n", "kind: Other\npassword: y\n"].map((text) =>
        encryptedBySops("a.yaml", text, rule()),
      ),
    );
    const content = Buffer.from([kept, other].join("---\n"));
    const signal = AbortSignal.timeout(60_000);
    const answer = await decrypt({ name: "a.yaml", content, as: "yaml", keys, isLeft, signal });
    assert(answer.kind === "decrypted");
    const [first, second] = parseYamlDocuments(String(answer.content), "a.yaml") as Array<Record<string, unknown>>;
    assert.deepEqual(first, parseYamlDocuments(String(kept), "a.yaml")[0]);
    assert.deepEqual(second, { kind: "Other", password: "y" });
  });
});

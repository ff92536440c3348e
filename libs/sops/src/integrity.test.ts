import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { type AgeKey, ageKey, contentOf, encryptedBySops, keysOf, rejectionOf } from "../test/fixture.ts";
import type { Keys } from "./index.ts";

const text = `kind: Secret
metadata:
    name: s
data:
    user: hidden-user
    password: hidden-password
    list: [hidden-one, hidden-two]
`;

let key: AgeKey;
let keys: Keys;
before(async () => {
  key = await ageKey();
  keys = await keysOf({ "a.agekey": key.identity });
});

function lineOf(encrypted: string, name: string): string {
  return new RegExp(`^ *${name}: (.*)$`, "m").exec(encrypted)?.[1] ?? assert.fail(`no ${name}`);
}

suite("a file that is not as sops has written it is rejected", () => {
  const mac = /^was changed after encryption \(MAC mismatch\)/;
  const rows: Array<[what: string, change: (encrypted: string) => string, message: RegExp]> = [
    ["a plain value is another", (encrypted) => encrypted.replace("name: s", "name: evil"), mac],
    ["a plain value is more", (encrypted) => encrypted.replace("name: s", "name: s\n    more: evil"), mac],
    ["a value is gone", (encrypted) => encrypted.replace(/^ *user: .*\n/m, ""), mac],
    ["items have changed places", (encrypted) => encrypted.replace(/^( *- .*\n)( *- .*\n)/m, "$2$1"), mac],
    [
      "a plain value stands for an encrypted one",
      (encrypted) => encrypted.replace(lineOf(encrypted, "user"), "evil"),
      mac,
    ],
    [
      "a value has moved",
      (encrypted) => encrypted.replace(lineOf(encrypted, "user"), lineOf(encrypted, "password")),
      /^has a value that was changed or moved after encryption: data\.user$/,
    ],
    [
      "an encrypted value is another",
      (encrypted) => encrypted.replace(/(user: ENC\[AES256_GCM,data:)[^,]{4}/, "$1AAAA"),
      /changed or moved after encryption: data\.user$/,
    ],
    [
      "a value is cut off",
      (encrypted) => encrypted.replace(/(user: ENC\[AES256_GCM,data:[^,]*),.*/, "$1"),
      /a truncated value: data\.user$/,
    ],
    [
      "the time is another",
      (encrypted) => encrypted.replace(/lastmodified: .*/, 'lastmodified: "2020-01-01T00:00:00Z"'),
      /: sops\.mac$/,
    ],
    ["the MAC is gone", (encrypted) => encrypted.replace(/mac: ENC.*/, 'mac: ""\n    # mac: ENC[AES256_GCM,'), mac],
    [
      "the MAC is said to be over less",
      (encrypted) => encrypted.replace(/^( *)(mac: .*)/m, "$1$2\n$1mac_only_encrypted: true"),
      mac,
    ],
    ["a key is there twice", (encrypted) => encrypted.replace(/^( *user: .*\n)/m, "$1$1"), /^holds data\.user twice$/],
    [
      "there is an alias",
      (encrypted) => encrypted.replace("name: s", "name: &s s\n    more: *s"),
      /^has the alias \*s/,
    ],
    [
      "it is not valid YAML",
      (encrypted) => encrypted.replace("metadata:", "metadata: ["),
      /^is not valid YAML: line \d+/,
    ],
    [
      "it names no key",
      (encrypted) => encrypted.replace(/^ {4}age:[^]*(?=^ {4}lastmodified)/m, ""),
      /^has no recipients/,
    ],
    [
      "its encrypted data key is broken",
      (encrypted) => encrypted.replace(/^( *-----BEGIN.*\n *)..../m, "$1AAAA"),
      /has an encrypted data key that is broken$/,
    ],
  ];
  for (const [what, change, message] of rows) {
    test(what, async () => {
      const encrypted = String(
        await encryptedBySops("a.yaml", text, { age: key.recipient, encrypted_regex: "^data$" }),
      );
      const changed = change(encrypted);
      assert.notEqual(changed, encrypted);
      const why = await rejectionOf("a.yaml", changed, keys);
      assert.match(why, message);
      assert.doesNotMatch(why, /hidden|AGE-SECRET/);
    });
  }

  test("a document of several is gone", async () => {
    const encrypted = String(await encryptedBySops("a.yaml", "a: 1\n---\nb: 2\n---\nc: 3\n", { age: key.recipient }));
    const [first, , last] = encrypted.split(/^---\n/m);
    assert.match(await rejectionOf("a.yaml", [first, last].join("---\n"), keys), mac);
  });

  test("a line of dotenv is more", async () => {
    const encrypted = await encryptedBySops("a.env", "A=1\n", { age: key.recipient });
    assert.match(await rejectionOf("a.env", `B=evil\n${String(encrypted)}`, keys), mac);
  });

  test("it is larger than such files are", async () => {
    const encrypted = await encryptedBySops("a.yaml", text, { age: key.recipient });
    assert.match(
      await rejectionOf("a.yaml", `${String(encrypted)}# ${"x".repeat(5 * 1024 * 1024)}\n`, keys),
      /bytes; the limit is 5242880$/,
    );
  });
});

test("what the MAC is not said to cover may change", async () => {
  const rule = { age: key.recipient, encrypted_regex: "^data$", mac_only_encrypted: true };
  const encrypted = String(await encryptedBySops("a.yaml", text, rule));
  assert.match(String(await contentOf("a.yaml", encrypted.replace("name: s", "name: other"), keys)), /name: other/);
  const gone = encrypted.replace(/^ *user: .*\n/m, "");
  assert.match(await rejectionOf("a.yaml", gone, keys), /MAC mismatch/);
});

import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { generateHybridIdentity } from "age-encryption";
import { type AgeKey, ageKey, contentOf, encryptedBySops, keysOf, read, rejectionOf } from "../test/fixture.ts";

const text = "password: not-to-be-shown\n";

let one: AgeKey;
let other: AgeKey;
let third: AgeKey;
before(async () => {
  [one, other, third] = await Promise.all([ageKey(), ageKey(), ageKey()]);
});

suite("a file is decrypted", () => {
  test("by any of its recipients, among other identities of several entries", async () => {
    const encrypted = await encryptedBySops("a.yaml", text, { age: [one.recipient, other.recipient] });
    const keys = await keysOf({ "a.agekey": third.identity, "b.agekey": `# b\n\n${other.identity}\r\n`, "c.txt": "x" });
    assert.equal(String(await contentOf("a.yaml", encrypted, keys)), 'password: "not-to-be-shown"\n');
  });

  test("by the hybrid of age that quantum computers do not break", async () => {
    const hybrid = await ageKey(generateHybridIdentity);
    const encrypted = await encryptedBySops("a.yaml", text, { age: hybrid.recipient });
    assert.match(String(await contentOf("a.yaml", encrypted, await keysOf({ "a.agekey": hybrid.identity }))), /shown/);
  });

  test("by as many key groups as it asks for", async () => {
    const groups = [one, other, third].map(({ recipient }) => ({ age: [recipient] }));
    const encrypted = await encryptedBySops("a.yaml", text, { key_groups: groups, shamir_threshold: 2 });
    for (const pair of [
      [one, other],
      [third, one],
      [other, third],
    ]) {
      const keys = await keysOf({ "a.agekey": pair.map(({ identity }) => identity).join("\n") });
      assert.match(String(await contentOf("a.yaml", encrypted, keys)), /shown/);
    }
    const message = await rejectionOf("a.yaml", encrypted, await keysOf({ "a.agekey": one.identity }));
    assert.match(message, /\(1 of the 2 key groups that it needs were decrypted\)/);
  });

  test("by all of its key groups where it asks for no number", async () => {
    const groups = [one, other].map(({ recipient }) => ({ age: [recipient] }));
    const encrypted = await encryptedBySops("a.yaml", text, { key_groups: groups });
    const keys = await keysOf({ "a.agekey": `${one.identity}\n${other.identity}` });
    assert.match(String(await contentOf("a.yaml", encrypted, keys)), /shown/);
  });
});

test("where no key decrypts a file, its recipients are named and no identity is", async () => {
  const encrypted = await encryptedBySops("a.yaml", text, { age: [one.recipient, other.recipient] });
  const message = await rejectionOf("a.yaml", encrypted, await keysOf({ "a.agekey": third.identity }));
  assert.equal(
    message,
    `cannot be decrypted: no available key fits (recipients: ${one.recipient}, ${other.recipient})`,
  );
});

suite("an entry that is not a key is rejected, and not shown", () => {
  const rows: Array<[name: string, content: string, message: RegExp]> = [
    ["a.agekey", "# fine\nAGE-SECRET-KEY-1HIDDEN", /^a\.agekey, line 2, is not an age identity/],
    ["a.agekey", "hidden", /^a\.agekey, line 1, is not an age identity/],
    ["a.agekey", "AGE-PLUGIN-YUBIKEY-HIDDEN", /an identity of an age plugin/],
    ["a.asc", "hidden", /^a\.asc is not an armoured OpenPGP private key$/],
  ];
  for (const [name, content, message] of rows) {
    test(content, async () => {
      const answer = await read({ [name]: content });
      assert(answer.kind === "rejected");
      assert.match(answer.message, message);
      assert.doesNotMatch(answer.message, /hidden/i);
    });
  }
});

test("another set of keys has another digest", async () => {
  const entries = { "a.agekey": one.identity, "b.agekey": other.identity };
  const digests = await Promise.all(
    [entries, { "b.agekey": other.identity, "a.agekey": one.identity }, { "a.agekey": one.identity }].map(
      async (each) => (await keysOf(each)).digest,
    ),
  );
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[0], digests[2]);
});

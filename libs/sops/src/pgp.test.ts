import assert from "node:assert/strict";
import { access, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, suite, test } from "node:test";
import { run } from "@leat/process";
import { armor, Decrypter } from "age-encryption";
import { createMessage, encrypt, generateKey, readKey } from "openpgp";
import { parse, stringify } from "yaml";
import { type AgeKey, ageKey, contentOf, encrypted, keysOf, refusalOf } from "../test/workbench.ts";
import { readKeys } from "./index.ts";

const text = "password: not-to-be-shown\n";

interface PgpKey {
  privateKey: string;
  publicKey: string;
  fingerprint: string;
}

async function pgpKey(type: "rsa" | "curve25519", passphrase?: string): Promise<PgpKey> {
  const userIDs = [{ name: "Test", email: "test@example.com" }];
  const options = { userIDs, ...(passphrase === undefined ? {} : { passphrase }) };
  // The curve as gpg 2.2 knows it.
  const { privateKey, publicKey } =
    type === "rsa"
      ? await generateKey({ ...options, type, rsaBits: 2048 })
      : await generateKey({ ...options, type: "ecc", curve: "curve25519Legacy" });
  const fingerprint = (await readKey({ armoredKey: publicKey })).getFingerprint().toUpperCase();
  return { privateKey, publicKey, fingerprint };
}

/** A file of sops whose data key is sealed by OpenPGP instead of age: the metadata lies beside what the MAC covers. */
async function sealedByPgp(content: string, age: AgeKey, key: PgpKey): Promise<string> {
  const file = parse(String(await encrypted("a.yaml", content, { age: age.recipient })));
  const decrypter = new Decrypter();
  decrypter.addIdentity(age.identity);
  const dataKey = await decrypter.decrypt(armor.decode(file.sops.age[0].enc));
  const encryptionKeys = await readKey({ armoredKey: key.publicKey });
  const enc = await encrypt({ message: await createMessage({ binary: dataKey }), encryptionKeys });
  delete file.sops.age;
  file.sops.pgp = [{ created_at: "2026-01-01T00:00:00Z", fp: key.fingerprint, enc }];
  return stringify(file);
}

async function gpg(): Promise<string | undefined> {
  for (const path of ["/usr/bin/gpg", "/usr/local/bin/gpg", "/opt/homebrew/bin/gpg"]) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

suite("OpenPGP", () => {
  let age: AgeKey;
  let rsa: PgpKey;
  before(async () => {
    [age, rsa] = await Promise.all([ageKey(), pgpKey("rsa")]);
  });

  test("opens what is sealed for a key, among others", async () => {
    const sealed = await sealedByPgp(text, age, rsa);
    const [other, curve] = await Promise.all([pgpKey("rsa"), pgpKey("curve25519")]);
    const keys = await keysOf({ "a.asc": other.privateKey, "b.asc": rsa.privateKey, "c.asc": curve.privateKey });
    assert.match(String(await contentOf("a.yaml", sealed, keys)), /shown/);
    const both = await sealedByPgp(text, age, curve);
    assert.match(String(await contentOf("a.yaml", both, keys)), /shown/);
  });

  test("names the fingerprint of the key that is missing", async () => {
    const sealed = await sealedByPgp(text, age, rsa);
    const message = await refusalOf(
      "a.yaml",
      sealed,
      await keysOf({ "a.asc": (await pgpKey("curve25519")).privateKey }),
    );
    assert.equal(message, `cannot be decrypted with the keys at hand: it is encrypted for OpenPGP ${rsa.fingerprint}`);
  });

  test("refuses a key with a passphrase", async () => {
    const { privateKey } = await pgpKey("curve25519", "hidden");
    assert.deepEqual(await readKeys(new Map([["a.asc", Buffer.from(privateKey)]])), {
      kind: "refused",
      message: "a.asc has a passphrase; store the key without one",
    });
  });

  test("opens what sops has sealed with gpg", async (t) => {
    const program = await gpg();
    if (program === undefined) {
      t.skip("this machine has no gpg");
      return;
    }
    await using home = await mkdtempDisposable(join(tmpdir(), "leat-gpg-"));
    await writeFile(join(home.path, "key.asc"), rsa.publicKey);
    const env = { GNUPGHOME: home.path, PATH: "/usr/bin:/bin" };
    const args = ["--batch", "--no-autostart", "--import", join(home.path, "key.asc")];
    const { exitCode, stderr } = await run(program, args, { env, timeoutMs: 30_000 });
    assert.equal(exitCode, 0, stderr);
    const sealed = await encrypted("a.yaml", text, { pgp: rsa.fingerprint }, { ...env, SOPS_GPG_EXEC: program });
    assert.match(String(await contentOf("a.yaml", sealed, await keysOf({ "a.asc": rsa.privateKey }))), /shown/);
  });
});

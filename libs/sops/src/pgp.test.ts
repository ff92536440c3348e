import assert from "node:assert/strict";
import { access, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, suite, test } from "node:test";
import { run } from "@leat/process";
import { createMessage, encrypt, enums, generateKey, readKey } from "openpgp";
import { contentOf, encryptedBySops, keysOf, read, rejectionOf, reencrypted } from "../test/fixture.ts";

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

function encryptedByPgp(content: string, key: PgpKey): Promise<string> {
  return reencrypted(content, async (dataKey) => {
    const encryptionKeys = await readKey({ armoredKey: key.publicKey });
    const enc = await encrypt({ message: await createMessage({ binary: dataKey }), encryptionKeys });
    return { pgp: [{ created_at: "2026-01-01T00:00:00Z", fp: key.fingerprint, enc }] };
  });
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
  let rsa: PgpKey;
  before(async () => {
    rsa = await pgpKey("rsa");
  });

  test("decrypts what is encrypted for a key, among others", async () => {
    const encrypted = await encryptedByPgp(text, rsa);
    const [other, curve] = await Promise.all([pgpKey("rsa"), pgpKey("curve25519")]);
    const keys = await keysOf({ "a.asc": other.privateKey, "b.asc": rsa.privateKey, "c.asc": curve.privateKey });
    assert.match(String(await contentOf("a.yaml", encrypted, keys)), /shown/);
    const both = await encryptedByPgp(text, curve);
    assert.match(String(await contentOf("a.yaml", both, keys)), /shown/);
  });

  test("names the fingerprint of the key that is missing", async () => {
    const encrypted = await encryptedByPgp(text, rsa);
    const message = await rejectionOf(
      "a.yaml",
      encrypted,
      await keysOf({ "a.asc": (await pgpKey("curve25519")).privateKey }),
    );
    assert.equal(message, `cannot be decrypted: no available key fits (recipients: OpenPGP ${rsa.fingerprint})`);
  });

  test("rejects a data key that inflates beyond its size", async () => {
    const bomb = await reencrypted(text, async () => {
      const encryptionKeys = await readKey({ armoredKey: rsa.publicKey });
      const message = await createMessage({ binary: new Uint8Array(20_000_000) });
      const config = { preferredCompressionAlgorithm: enums.compression.zlib };
      const enc = await encrypt({ message, encryptionKeys, config });
      return { pgp: [{ created_at: "2026-01-01T00:00:00Z", fp: rsa.fingerprint, enc }] };
    });
    const rssBefore = process.memoryUsage.rss();
    const message = await rejectionOf("a.yaml", bomb, await keysOf({ "a.asc": rsa.privateKey }));
    assert.match(message, /has an encrypted data key that cannot be decrypted/);
    assert.ok(process.memoryUsage.rss() - rssBefore < 100_000_000);
  });

  test("rejects a key with a passphrase", async () => {
    const { privateKey } = await pgpKey("curve25519", "hidden");
    assert.deepEqual(await read({ "a.asc": privateKey }), {
      kind: "rejected",
      message: "a.asc has a passphrase; store the key without one",
    });
  });

  test("decrypts what sops has encrypted with gpg", async (t) => {
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
    const encrypted = await encryptedBySops(
      "a.yaml",
      text,
      { pgp: rsa.fingerprint },
      { ...env, SOPS_GPG_EXEC: program },
    );
    assert.match(String(await contentOf("a.yaml", encrypted, await keysOf({ "a.asc": rsa.privateKey }))), /shown/);
  });
});

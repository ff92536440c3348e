import type { PrivateKey } from "openpgp";
import type { KeyDecrypter, NamedText } from "./key-decrypter.ts";
import { Rejection } from "./rejection.ts";

/** Bytes that an encrypted data key may inflate to. The key has 32. */
const maxDecompressedBytes = 4096;

/**
 * Reads armoured OpenPGP private keys, which must not have a passphrase.
 *
 * @throws Rejection
 */
export async function readPrivateKeys(texts: readonly NamedText[]): Promise<KeyDecrypter> {
  // Loaded by those alone who have such a key.
  const openpgp = await import("openpgp");
  const config = { maxDecompressedMessageSize: maxDecompressedBytes };
  const keys: PrivateKey[] = [];
  for (const [name, text] of texts) {
    try {
      keys.push(...(await openpgp.readPrivateKeys({ armoredKeys: text })));
    } catch {
      // The cause may name what it read.
      throw new Rejection(`${name} is not an armoured OpenPGP private key`);
    }
    if (keys.some((key) => !key.isDecrypted()))
      throw new Rejection(`${name} has a passphrase; store the key without one`);
  }
  return {
    decrypt: async ({ encrypted }) => {
      const message = await readMessage(() => openpgp.readMessage({ armoredMessage: encrypted }));
      const ids = message.getEncryptionKeyIDs();
      const decryptionKeys = keys.filter((key) =>
        key.getKeys().some((one) => ids.some((id) => one.getKeyID().equals(id))),
      );
      if (decryptionKeys.length === 0) return undefined;
      const { data } = await readMessage(() => openpgp.decrypt({ message, decryptionKeys, format: "binary", config }));
      return Buffer.from(data);
    },
  };
}

async function readMessage<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    throw new Rejection("has an encrypted data key that cannot be decrypted", { cause });
  }
}

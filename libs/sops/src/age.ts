import type { Decrypter } from "age-encryption";
import type { KeyDecrypter, NamedText } from "./key-decrypter.ts";
import { Rejection } from "./rejection.ts";

/**
 * Reads identity files of age: one identity a line, X25519 or the hybrid that quantum computers do not break, and comments.
 *
 * @throws Rejection
 */
export async function readAgeIdentities(texts: readonly NamedText[]): Promise<KeyDecrypter> {
  // Loaded by those alone who have such a key.
  const { armor, Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const [name, text] of texts) {
    for (const [index, line] of text.split("\n").entries())
      addIdentity(decrypter, line.trim(), `${name}, line ${index + 1},`);
  }
  return {
    decrypt: async ({ encrypted }) => {
      try {
        return Buffer.from(await decrypter.decrypt(armor.decode(encrypted)));
      } catch (error) {
        // The library has no other way to say so.
        if (error instanceof Error && error.message.startsWith("no identity matched")) return undefined;
        throw new Rejection("has an encrypted data key that is broken", { cause: error });
      }
    },
  };
}

function addIdentity(decrypter: Decrypter, line: string, where: string): void {
  if (line === "" || line.startsWith("#")) return;
  if (line.startsWith("AGE-PLUGIN-"))
    throw new Rejection(`${where} is an identity of an age plugin, which is not supported`);
  try {
    decrypter.addIdentity(line);
  } catch {
    // The cause would name the line.
    throw new Rejection(`${where} is not an age identity: it must start with AGE-SECRET-KEY-`);
  }
}

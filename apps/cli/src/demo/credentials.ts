import { randomBytes } from "node:crypto";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { encryptedSecret } from "./encrypted-secret.ts";

/** Name of the Secret that holds what the shop logs in with. */
export const credentialsName = "shop-credentials";

/** What the shop logs in with, made for one run of the demo. */
export interface Credentials {
  /** The age key that opens the file. */
  identity: string;
  /** By the keys of the Secret; the story never tells them. */
  values: { username: string; password: string };
  /** The encrypted file. */
  encrypted: string;
}

export async function makeCredentials(): Promise<Credentials> {
  const identity = await generateX25519Identity();
  const values = { username: "shop", password: randomBytes(12).toString("base64url") };
  const secret = { name: credentialsName, stringData: values };
  return { identity, values, encrypted: await encryptedSecret(secret, await identityToRecipient(identity)) };
}

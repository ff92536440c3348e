import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { armor, Encrypter } from "age-encryption";

export interface SecretToEncrypt {
  name: string;
  stringData: Record<string, string>;
}

/** Of sops, which writes the same format. */
const formatVersion = "3.13.3";

/**
 * A Secret as `sops encrypt --age … --encrypted-regex '^stringData$'` writes it. Only for what the demo has to encrypt:
 * so nobody waits for sops to be fetched or built before the story begins.
 *
 * @param recipient `age1…`
 */
export async function encryptedSecret({ name, stringData }: SecretToEncrypt, recipient: string): Promise<string> {
  const dataKey = randomBytes(32);
  const lastmodified = `${new Date().toISOString().slice(0, 19)}Z`;
  const encrypted = Object.entries(stringData).map(
    ([key, text]) => `  ${key}: ${encrypt(text, dataKey, `stringData:${key}:`)}\n`,
  );
  // Over all values in the order of the file, encrypted or not.
  const sum = createHash("sha512").update(["v1", "Secret", name, ...Object.values(stringData)].join(""));
  return `apiVersion: v1
kind: Secret
metadata:
  name: ${name}
stringData:
${encrypted.join("")}sops:
  age:
    - recipient: ${recipient}
      enc: |
${(await encryptedKey(dataKey, recipient)).trim().replace(/^/gm, " ".repeat(8))}
  encrypted_regex: ^stringData$
  lastmodified: "${lastmodified}"
  mac: ${encrypt(sum.digest("hex").toUpperCase(), dataKey, lastmodified)}
  version: ${formatVersion}
`;
}

/** @param boundTo without which it does not open: a value cannot be moved */
function encrypt(text: string, dataKey: Buffer, boundTo: string): string {
  const iv = randomBytes(32);
  const cipher = createCipheriv("aes-256-gcm", dataKey, iv).setAAD(Buffer.from(boundTo));
  const data = Buffer.concat([cipher.update(text), cipher.final()]);
  const [data64, iv64, tag64] = [data, iv, cipher.getAuthTag()].map((bytes) => bytes.toString("base64"));
  return `ENC[AES256_GCM,data:${data64},iv:${iv64},tag:${tag64},type:str]`;
}

async function encryptedKey(dataKey: Buffer, recipient: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(dataKey));
}

import { createDecipheriv } from "node:crypto";
import { type Plain, plainOf, plainText } from "./plain.ts";
import { Rejection } from "./rejection.ts";

const base64 = "([A-Za-z0-9+/=]+)";
const encrypted = new RegExp(`^ENC\\[AES256_GCM,data:${base64},iv:${base64},tag:${base64},type:([a-z]+)\\]$`);
const tagBytes = 16;

export function isEncrypted(text: string): boolean {
  return text.startsWith("ENC[AES256_GCM,");
}

/**
 * Decrypts a value that is bound to what it was encrypted with.
 *
 * @param boundTo for a value of the file its path, `data:password:`
 * @param name for the message
 * @throws Rejection
 */
export function decryptValue(text: string, key: Buffer, boundTo: string, name: string): Plain {
  // What is empty is never encrypted.
  if (text === "") return plainText("");
  const [, data = "", iv = "", tag = "", type = ""] = encrypted.exec(text) ?? [];
  const authentication = Buffer.from(tag, "base64");
  if (authentication.length !== tagBytes) throw new Rejection(`has a truncated value: ${name}`);
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64"), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(boundTo)).setAuthTag(authentication);
  try {
    return plainOf(type, Buffer.concat([decipher.update(data, "base64"), decipher.final()]));
  } catch (cause) {
    if (cause instanceof Rejection) throw cause;
    throw new Rejection(`has a value that was changed or moved after encryption: ${name}`, { cause });
  }
}

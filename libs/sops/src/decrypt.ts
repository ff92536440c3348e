import { createHash, timingSafeEqual } from "node:crypto";
import { Fault } from "@leat/api";
import type { JsonObject } from "@leat/http";
import { turns } from "@leat/text";
import { checkLines } from "./check-lines.ts";
import { decryptDataKey } from "./data-key.ts";
import { readDotenv } from "./dotenv-file.ts";
import { type Format, encryptedSyntax } from "./format.ts";
import { readIni } from "./ini-file.ts";
import type { Keys } from "./keys.ts";
import { type Metadata, readMetadata } from "./metadata.ts";
import type { Plain } from "./plain.ts";
import { Rejection } from "./rejection.ts";
import type { Comment, Leaf, EncryptedFile, EncryptedPart } from "./encrypted-file.ts";
import { isEncrypted, decryptValue } from "./encrypted-value.ts";

export interface DecryptRequest {
  /** What messages call the file. */
  name: string;
  content: Buffer;
  /** The format in which the result is wanted. What cannot be written so is written in the format in which it was read. */
  as: Format;
  keys: Keys;
  /** Whether a YAML document is to stay encrypted; by default none is. */
  isLeft?: (document: JsonObject) => boolean;
  signal: AbortSignal;
}

export type Decrypted =
  /** Nothing in it is encrypted, or all that is, is to stay so. */
  | { kind: "plain" }
  /** `secrets`: the decrypted values, to be masked in messages. */
  | { kind: "decrypted"; content: Buffer; secrets: readonly string[] }
  | { kind: "rejected"; message: string };

/** Of one encrypted file. */
const maxBytes = 5 * 1024 * 1024;

/**
 * Decrypts a file that sops has encrypted, and verifies that it is as sops has written it: every value is bound to its
 * place, and the MAC is over all of them.
 *
 * @throws Fault where a key service was asked and did not help
 */
export async function decrypt(request: DecryptRequest): Promise<Decrypted> {
  const syntax = encryptedSyntax(request.content);
  if (syntax === undefined) return { kind: "plain" };
  try {
    const { length } = request.content;
    if (length > maxBytes) throw new Rejection(`is encrypted and has ${length} bytes; the limit is ${maxBytes}`);
    const file = await readFile(syntax, request);
    if (file.parts.length === 0) return { kind: "plain" };
    const secrets: string[] = [];
    for (const part of file.parts) for (const secret of await decryptPart(part, request)) secrets.push(secret);
    return { kind: "decrypted", content: await file.write(request.as), secrets };
  } catch (error) {
    if (error instanceof Rejection) return { kind: "rejected", message: `${request.name} ${error.message}` };
    if (error instanceof Fault) throw error.of(request.name);
    throw error;
  }
}

async function readFile(
  syntax: "yaml" | "dotenv" | "ini",
  { content, isLeft = () => false, signal }: DecryptRequest,
): Promise<EncryptedFile> {
  const text = content.toString();
  checkLines(text);
  switch (syntax) {
    case "yaml": {
      // Loaded, with its library, by those alone who have such a file.
      const { readYaml } = await import("./yaml-file.ts");
      return readYaml(text, { isLeft, signal });
    }
    case "dotenv":
      return readDotenv(text);
    case "ini":
      return readIni(text);
  }
}

/** Decrypts the values of a part in place. */
async function decryptPart(part: EncryptedPart, { keys, signal }: DecryptRequest): Promise<string[]> {
  const { metadata: fields, leaves, comments } = part;
  const metadata = readMetadata(fields);
  const dataKey = await decryptDataKey(metadata, keys, signal);
  const turn = turns(signal);
  const decrypted: Array<{ leaf: Leaf; plain: Plain | undefined }> = [];
  for (const leaf of leaves) {
    decrypted.push({ leaf, plain: decryptLeaf(leaf, dataKey) });
    await turn();
  }
  const values = decrypted.map(({ leaf, plain }) => ({
    plain: plain ?? leaf.found,
    wasEncrypted: plain !== undefined,
  }));
  verify(metadata, dataKey, values);
  const secrets: string[] = [];
  for (const { leaf, plain } of decrypted) {
    if (!plain) continue;
    leaf.put(plain);
    secrets.push(plain.bytes.toString());
  }
  for (const comment of comments) secrets.push(...(await decryptComment(comment, dataKey, turn)));
  return secrets;
}

/**
 * The values themselves show which ones are encrypted: the file's rules are for its next encryption, and the MAC does not
 * cover them.
 */
function decryptLeaf({ path, found }: Leaf, dataKey: Buffer): Plain | undefined {
  const text = found.type === "str" ? found.bytes.toString() : "";
  return isEncrypted(text) ? decryptValue(text, dataKey, boundTo(path), path.join(".")) : undefined;
}

/** What cannot be decrypted was never encrypted, or is not worth to fail for. */
async function decryptComment(
  { places, found, put }: Comment,
  dataKey: Buffer,
  turn: () => Promise<void>,
): Promise<string[]> {
  for (const path of places) {
    await turn();
    try {
      const text = decryptValue(found, dataKey, boundTo(path), "a comment").bytes.toString();
      put(text);
      return [text];
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
    }
  }
  return [];
}

function boundTo(path: readonly string[]): string {
  return `${path.join(":")}:`;
}

/** SHA-256 of `sops`: tells the MAC over the encrypted values from that over all of them. */
const onlyEncrypted = createHash("sha256").update("sops").digest();

interface Value {
  plain: Plain;
  wasEncrypted: boolean;
}

function verify({ mac, lastModified, macOnlyEncrypted }: Metadata, dataKey: Buffer, values: readonly Value[]): void {
  const sum = createHash("sha512");
  if (macOnlyEncrypted) sum.update(onlyEncrypted);
  for (const { plain, wasEncrypted } of values) {
    if (plain.type !== "comment" && (wasEncrypted || !macOnlyEncrypted)) sum.update(plain.bytes);
  }
  const expected = decryptValue(mac, dataKey, lastModified, "sops.mac").bytes;
  const found = Buffer.from(sum.digest("hex").toUpperCase());
  if (expected.length === found.length && timingSafeEqual(expected, found)) return;
  throw new Rejection(
    "was changed after encryption (MAC mismatch); revert the change, or accept it with `sops decrypt --ignore-mac` and encrypt the file again",
  );
}

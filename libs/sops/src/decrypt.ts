import { createHash, timingSafeEqual } from "node:crypto";
import { Fault } from "@leat/api";
import type { JsonObject } from "@leat/http";
import { openDataKey } from "./data-key.ts";
import { readDotenv } from "./dotenv-file.ts";
import { type Format, sealedSyntax } from "./format.ts";
import { readIni } from "./ini-file.ts";
import type { Keys } from "./keys.ts";
import { type Metadata, readMetadata } from "./metadata.ts";
import type { Plain } from "./plain.ts";
import { Refusal } from "./refusal.ts";
import type { Comment, Leaf, SealedFile, SealedPart } from "./sealed-file.ts";
import { isSealed, openValue } from "./sealed-value.ts";
import { turns } from "./turns.ts";

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
  /** `secrets`: the values that were encrypted, for whoever has to keep them out of messages. */
  | { kind: "decrypted"; content: Buffer; secrets: readonly string[] }
  | { kind: "refused"; message: string };

/** Of one encrypted file. */
const maxBytes = 5 * 1024 * 1024;

/**
 * Decrypts a file that sops has encrypted, and verifies that it is as sops has written it: every value is bound to its
 * place, and the MAC is over all of them.
 *
 * @throws Fault where a key service was asked and did not help
 */
export async function decrypt(request: DecryptRequest): Promise<Decrypted> {
  const syntax = sealedSyntax(request.content);
  if (syntax === undefined) return { kind: "plain" };
  try {
    const { length } = request.content;
    if (length > maxBytes) throw new Refusal(`is encrypted and has ${length} bytes; ${maxBytes} are the most`);
    const file = await readFile(syntax, request);
    if (file.parts.length === 0) return { kind: "plain" };
    const secrets: string[] = [];
    for (const part of file.parts) secrets.push(...(await openPart(part, request)));
    return { kind: "decrypted", content: await file.write(request.as), secrets };
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", message: `${request.name} ${error.message}` };
    if (error instanceof Fault) throw new Fault(error.reason, `${request.name} ${error.message}`, { cause: error });
    throw error;
  }
}

async function readFile(
  syntax: "yaml" | "dotenv" | "ini",
  { content, isLeft = () => false, signal }: DecryptRequest,
): Promise<SealedFile> {
  const text = content.toString();
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

/** Opens the values of a part in place. */
async function openPart(part: SealedPart, { keys, signal }: DecryptRequest): Promise<string[]> {
  const { metadata: fields, leaves, comments } = part;
  const metadata = readMetadata(fields);
  const dataKey = await openDataKey(metadata, keys, signal);
  const turn = turns(signal);
  const opened: Array<{ leaf: Leaf; plain: Plain | undefined }> = [];
  for (const leaf of leaves) {
    opened.push({ leaf, plain: openLeaf(leaf, dataKey) });
    await turn();
  }
  const values = opened.map(({ leaf, plain }) => ({ plain: plain ?? leaf.found, wasSealed: plain !== undefined }));
  verify(metadata, dataKey, values);
  const secrets: string[] = [];
  for (const { leaf, plain } of opened) {
    if (!plain) continue;
    leaf.put(plain);
    secrets.push(plain.bytes.toString());
  }
  return [...secrets, ...comments.flatMap((comment) => openComment(comment, dataKey))];
}

/**
 * Which values are sealed is told by the values: the rules by which they were chosen stand in the file for whoever writes
 * it next, and the MAC does not cover them.
 */
function openLeaf({ path, found }: Leaf, dataKey: Buffer): Plain | undefined {
  const text = found.type === "str" ? found.bytes.toString() : "";
  return isSealed(text) ? openValue(text, dataKey, boundTo(path), path.join(".")) : undefined;
}

/** What cannot be opened was never encrypted, or is not worth to fail for. */
function openComment({ places, found, put }: Comment, dataKey: Buffer): string[] {
  for (const path of places) {
    try {
      const text = openValue(found, dataKey, boundTo(path), "a comment").bytes.toString();
      put(text);
      return [text];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
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
  wasSealed: boolean;
}

function verify({ mac, lastModified, macOnlyEncrypted }: Metadata, dataKey: Buffer, values: readonly Value[]): void {
  const sum = createHash("sha512");
  if (macOnlyEncrypted) sum.update(onlyEncrypted);
  for (const { plain, wasSealed } of values) {
    if (plain.type !== "comment" && (wasSealed || !macOnlyEncrypted)) sum.update(plain.bytes);
  }
  const expected = openValue(mac, dataKey, lastModified, "sops.mac").bytes;
  const found = Buffer.from(sum.digest("hex").toUpperCase());
  if (expected.length === found.length && timingSafeEqual(expected, found)) return;
  throw new Refusal(
    "was changed after it was encrypted: its MAC does not match; undo the change, or accept it: decrypt the file with `sops decrypt --ignore-mac`, and encrypt it anew",
  );
}

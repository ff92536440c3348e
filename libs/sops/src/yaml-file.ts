import { isJsonObject, type JsonObject } from "@leat/http";
import { turns } from "@leat/text";
import { Composer, type Document, isAlias, isMap, isScalar, isSeq, type Pair, Parser } from "yaml";
import { checkTokens } from "./check-tokens.ts";
import type { Format } from "./format.ts";
import { Rejection } from "./rejection.ts";
import type { Comment, Leaf, EncryptedFile, EncryptedPart } from "./encrypted-file.ts";
import { commentsIn } from "./yaml-comments.ts";
import { jsonOf, Decrypted, decryptedTag, plainIn } from "./yaml-scalar.ts";

type YamlDocument = Document.Parsed;

/**
 * Reads YAML, and JSON, which is YAML. Documents that hold the same metadata were encrypted together; those without any
 * are left as they are.
 *
 * @throws Rejection
 */
export async function readYaml(text: string, { isLeft, signal }: YamlOptions): Promise<EncryptedFile> {
  const turn = turns(signal);
  await checkTokens(text, turn);
  const documents: YamlDocument[] = [];
  const settle: Array<() => void> = [];
  const parts: DocumentPart[] = [];
  let before: DocumentPart | undefined;
  for (const document of documentsIn(text)) {
    documents.push(document);
    await turn();
    const own = nested(() => partOf(document, isLeft, settle));
    if (own && before && before.metadata["mac"] === own.metadata["mac"]) join(before, own);
    else {
      if (own) parts.push(own);
      before = own;
    }
    await turn();
  }
  const writeAll = (as: Format) => {
    for (const each of settle) each();
    return write(documents, as, turn);
  };
  return { parts: parts.filter(({ isWanted }) => isWanted), write: writeAll };
}

export interface YamlOptions {
  /** Whether a document is to stay encrypted. */
  isLeft: (document: JsonObject) => boolean;
  signal: AbortSignal;
}

interface DocumentPart extends EncryptedPart {
  leaves: Leaf[];
  comments: Comment[];
  /** Not all of its documents are to stay encrypted. */
  isWanted: boolean;
}

function join(part: DocumentPart, more: DocumentPart): void {
  for (const leaf of more.leaves) part.leaves.push(leaf);
  for (const comment of more.comments) part.comments.push(comment);
  part.isWanted ||= more.isWanted;
}

function partOf(
  document: YamlDocument,
  isLeft: YamlOptions["isLeft"],
  settle: Array<() => void>,
): DocumentPart | undefined {
  if (!document.has("sops")) return undefined;
  const fields = fieldsOf(document);
  const { sops: metadata } = fields;
  if (!isJsonObject(metadata) || typeof metadata["mac"] !== "string") return undefined;
  // What is to stay encrypted counts for the MAC of what was encrypted with it.
  if (isLeft(fields)) return { metadata, leaves: leavesThatStay(document), comments: [], isWanted: false };
  const comments = commentsIn(document, settle);
  return { metadata, leaves: take(document, settle), comments, isWanted: true };
}

/** Each document when its turn comes. */
function* documentsIn(text: string): Generator<YamlDocument> {
  // Without a schema every scalar stays the text that it is; that keys differ is seen to below, in a fraction of the time.
  const composer = new Composer({ schema: "failsafe", customTags: [decryptedTag], uniqueKeys: false });
  for (const document of composed(composer.compose(new Parser().parse(text)))) {
    const [error] = document.errors;
    if (error)
      throw new Rejection(`is not valid YAML: line ${text.slice(0, error.pos[0]).split("\n").length}, ${error.code}`);
    yield document;
  }
}

/** @throws Rejection for a document that the library has no stack for */
function* composed(documents: Iterator<YamlDocument>): Generator<YamlDocument> {
  for (;;) {
    const next = nested(() => documents.next());
    if (next.done) return;
    yield next.value;
  }
}

function nested<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof RangeError) throw new Rejection("is nested too deeply", { cause });
    throw cause;
  }
}

function fieldsOf(document: YamlDocument): JsonObject {
  try {
    const fields: unknown = document.toJS();
    return isJsonObject(fields) ? fields : {};
  } catch (cause) {
    throw new Rejection("has too many aliases", { cause });
  }
}

/** The leaves of a document, from which sops's own are taken away. */
function take({ contents }: YamlDocument, settle: Array<() => void>): Leaf[] {
  if (!isMap(contents)) return [];
  contents.items = contents.items.filter(({ key }) => !(isScalar(key) && key.value === "sops"));
  const leaves = [...leavesIn(contents, [])];
  settle.push(() => removeComments(contents));
  return leaves;
}

/** In a list, an encrypted comment takes the place of a value. */
function removeComments(node: unknown): void {
  if (isSeq(node)) node.items = node.items.filter((item) => !isComment(item));
  if (isSeq(node)) node.items.forEach(removeComments);
  if (isMap(node)) for (const { value } of node.items) removeComments(value);
}

function isComment(node: unknown): boolean {
  return isScalar(node) && node.value instanceof Decrypted && node.value.plain.type === "comment";
}

function leavesThatStay({ contents }: YamlDocument): Leaf[] {
  const leaves = [...leavesIn(contents, [])].filter(({ path }) => path[0] !== "sops");
  return leaves.map((leaf) => ({ ...leaf, put: () => {} }));
}

function* leavesIn(node: unknown, path: readonly string[]): Generator<Leaf> {
  if (isAlias(node)) throw new Rejection(`has the alias *${node.source}, which sops never writes`);
  if (isSeq(node)) for (const item of node.items) yield* leavesIn(item, path);
  if (isMap(node)) {
    const names = new Set<string>();
    for (const pair of node.items) {
      const name = nameOf(pair, path);
      if (names.has(name)) throw new Rejection(`holds ${[...path, name].join(".")} twice`);
      names.add(name);
      yield* leavesIn(pair.value, [...path, name]);
    }
  }
  if (!isScalar(node)) return;
  const found = plainIn(node);
  const put: Leaf["put"] = (plain) => {
    delete node.tag;
    node.value = new Decrypted(plain);
  };
  yield { path, found, put };
}

function nameOf({ key }: Pair, path: readonly string[]): string {
  if (isScalar(key) && typeof key.value === "string") return key.value;
  throw new Rejection(
    `has a key that is not a string in ${path.join(".") || "its top level"}, which sops never writes`,
  );
}

async function write(documents: readonly YamlDocument[], as: Format, turn: () => Promise<void>): Promise<Buffer> {
  const [document] = documents;
  const data = as === "yaml" || as === "json" ? undefined : dataIn(document);
  if (data !== undefined) return data;
  const isJson = isMap(document?.contents) && (as === "json" || document.contents.flow === true);
  if (isJson && documents.length === 1) return Buffer.from(`${json(document?.contents, "")}\n`);
  const texts: string[] = [];
  for (const each of documents) {
    texts.push(each.toString({ lineWidth: 0, indent: 4 }));
    await turn();
  }
  return Buffer.from(texts.join(""));
}

/** What was put into the envelope of a binary file. */
function dataIn(document: YamlDocument | undefined): Buffer | undefined {
  const data: unknown = document?.get("data", true);
  const isEnvelope = isMap(document?.contents) && document.contents.items.length === 1;
  return isEnvelope && isScalar(data) ? plainIn(data).bytes : undefined;
}

function json(node: unknown, indent: string): string {
  const deeper = `${indent}\t`;
  if (isMap(node)) {
    const members = node.items.map((pair) => `${jsonOf(plainIn(pair.key as never))}: ${json(pair.value, deeper)}`);
    return block("{", members, "}", indent);
  }
  if (isSeq(node))
    return block(
      "[",
      node.items.map((item) => json(item, deeper)),
      "]",
      indent,
    );
  return isScalar(node) ? jsonOf(plainIn(node)) : "null";
}

function block(open: string, members: readonly string[], close: string, indent: string): string {
  if (members.length === 0) return open + close;
  return `${open}\n${members.map((member) => `${indent}\t${member}`).join(",\n")}\n${indent}${close}`;
}

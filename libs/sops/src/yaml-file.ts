import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, parseAllDocuments, type YAMLSeq } from "yaml";
import type { Format } from "./format.ts";
import { Refusal } from "./refusal.ts";
import { type Comment, type Fields, isFields, type Leaf, type SealedFile, type SealedPart } from "./sealed-file.ts";
import { commentsIn } from "./yaml-comments.ts";
import { jsonOf, Opened, openedTag, plainIn } from "./yaml-scalar.ts";

type YamlDocument = Document.Parsed;

/**
 * Reads YAML, and JSON, which is YAML. Documents that hold the same metadata were encrypted together; those without any
 * are left as they are.
 *
 * @param isLeft whether a document is to stay encrypted
 * @throws Refusal
 */
export function readYaml(text: string, isLeft: (document: Fields) => boolean): SealedFile {
  const documents = parse(text);
  const parts: DocumentPart[] = [];
  let before: DocumentPart | undefined;
  for (const document of documents) {
    const own = partOf(document, isLeft);
    if (own && before && before.metadata["mac"] === own.metadata["mac"]) join(before, own);
    else {
      if (own) parts.push(own);
      before = own;
    }
  }
  return { parts: parts.filter(({ isWanted }) => isWanted), write: (as) => write(documents, as) };
}

interface DocumentPart extends SealedPart {
  leaves: readonly Leaf[];
  comments: readonly Comment[];
  /** Not all of its documents are to stay encrypted. */
  isWanted: boolean;
}

function join(part: DocumentPart, more: DocumentPart): void {
  part.leaves = [...part.leaves, ...more.leaves];
  part.comments = [...part.comments, ...more.comments];
  part.isWanted ||= more.isWanted;
}

function partOf(document: YamlDocument, isLeft: (document: Fields) => boolean): DocumentPart | undefined {
  if (!document.has("sops")) return undefined;
  const fields = fieldsOf(document);
  const { sops: metadata } = fields;
  if (!isFields(metadata) || typeof metadata["mac"] !== "string") return undefined;
  // What is to stay encrypted counts for the MAC of what was encrypted with it.
  if (isLeft(fields)) return { metadata, leaves: leavesThatStay(document), comments: [], isWanted: false };
  const comments = commentsIn(document);
  return { metadata, leaves: take(document), comments, isWanted: true };
}

function parse(text: string): YamlDocument[] {
  // Without a schema every scalar stays the text that it is; that keys differ is seen to below, in a fraction of the time.
  const documents = parseAllDocuments(text, {
    schema: "failsafe",
    customTags: [openedTag],
    uniqueKeys: false,
    logLevel: "silent",
  });
  if (!Array.isArray(documents)) return [];
  for (const { errors } of documents) {
    const [error] = errors;
    if (error) throw new Refusal(`is no YAML: line ${error.linePos?.[0].line ?? 1}, ${error.code}`);
  }
  return documents;
}

function fieldsOf(document: YamlDocument): Fields {
  try {
    const fields: unknown = document.toJS();
    return isFields(fields) ? fields : {};
  } catch (cause) {
    throw new Refusal("holds more aliases than can be followed", { cause });
  }
}

/** The leaves of a document, from which sops's own are taken away. */
function take({ contents }: YamlDocument): Leaf[] {
  if (!isMap(contents)) return [];
  contents.items = contents.items.filter(({ key }) => !(isScalar(key) && key.value === "sops"));
  return [...leavesIn(contents, [])];
}

function leavesThatStay({ contents }: YamlDocument): Leaf[] {
  const leaves = [...leavesIn(contents, [])].filter(({ path }) => path[0] !== "sops");
  return leaves.map((leaf) => ({ ...leaf, put: () => {} }));
}

function* leavesIn(node: unknown, path: readonly string[], list?: YAMLSeq): Generator<Leaf> {
  if (isAlias(node)) throw new Refusal(`holds the alias *${node.source}, and sops never writes one`);
  if (isSeq(node)) for (const item of node.items) yield* leavesIn(item, path, node);
  if (isMap(node)) {
    const names = new Set<string>();
    for (const pair of node.items) {
      const name = nameOf(pair, path);
      if (names.has(name)) throw new Refusal(`holds ${[...path, name].join(".")} twice`);
      names.add(name);
      yield* leavesIn(pair.value, [...path, name]);
    }
  }
  if (!isScalar(node)) return;
  const found = plainIn(node);
  const put: Leaf["put"] = (plain) => {
    delete node.tag;
    node.value = new Opened(plain);
    // In a list, an encrypted comment takes the place of a value.
    if (list && plain.type === "comment") list.items = list.items.filter((item) => item !== node);
  };
  yield { path, found, put };
}

function nameOf({ key }: Pair, path: readonly string[]): string {
  if (isScalar(key) && typeof key.value === "string") return key.value;
  throw new Refusal(`has a key that is no text in ${path.join(".") || "its top level"}, and sops never writes one`);
}

function write(documents: readonly YamlDocument[], as: Format): Buffer {
  const [document] = documents;
  const data = as === "binary" ? dataIn(document) : undefined;
  if (data !== undefined) return data;
  const isJson = isMap(document?.contents) && (as === "json" || document.contents.flow === true);
  if (isJson && documents.length === 1) return Buffer.from(`${json(document?.contents, "")}\n`);
  return Buffer.from(documents.map((each) => each.toString({ lineWidth: 0, indent: 4 })).join(""));
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

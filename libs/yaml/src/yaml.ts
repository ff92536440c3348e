import { Fault } from "@leat/api";
import {
  boolCoreTag,
  boolYaml11Tag,
  dump,
  loadAll,
  mapTag,
  mergeTag,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from "js-yaml";
import { chooseAsGo } from "./go-style.ts";
import { isSuspect, whatIsWrong } from "./guard.ts";
import { checkSize } from "./limits.ts";
import { floatTag, integerTag } from "./numbers.ts";
import { type Part, splitDocuments } from "./split-documents.ts";

const commonTags = [strTag, seqTag, mapTag, nullYaml11Tag, integerTag, floatTag, mergeTag];
const kubectlSchema = new Schema([...commonTags, boolYaml11Tag]);
const kustomizeSchema = new Schema([...commonTags, boolCoreTag]);

export interface ReadOptions {
  /** What a key written twice in a mapping means: an error where nothing is said, or that the last one counts. */
  duplicateKeys?: "error" | "last";
  /** By whose rules; kubectl's where nothing is said. To kustomize `yes`, `on`, `y` and their likes are text in objects. */
  dialect?: "kubectl" | "kustomize";
}

/**
 * Parses every document of `text` with the scalar rules of kubectl, which are YAML 1.1's for booleans and integers. Empty
 * documents are left out.
 *
 * @param file named in the error
 * @throws Fault `InvalidYAML` with file, line and what is wrong; LimitExceeded
 */
export function parseYamlDocuments(text: string, file: string, options: ReadOptions = {}): unknown[] {
  return [...yamlDocuments(text, file, options)];
}

/** The same, each document when its turn comes: large texts are read in turns on the event loop. */
export function* yamlDocuments(text: string, file: string, options: ReadOptions = {}): Generator {
  const parts = splitDocuments(text);
  checkSize(
    parts.map((part) => part.text),
    file,
  );
  for (const part of parts) {
    for (const document of load(part, file, options)) {
      if (document === null || document === undefined) continue;
      const wrong = isSuspect(part.text) ? whatIsWrong(document) : undefined;
      if (wrong !== undefined) throw new Fault("InvalidYAML", `${file} cannot be read: ${wrong}`);
      yield document;
    }
  }
}

/**
 * Parses a text of one document; `undefined` where it is empty.
 *
 * @throws Fault `InvalidYAML`, also where there are several documents
 */
export function parseYaml(text: string, file: string): unknown {
  const documents = parseYamlDocuments(text, file);
  if (documents.length > 1)
    throw new Fault("InvalidYAML", `${file} contains ${documents.length} YAML documents, expected one`);
  return documents[0];
}

/** Writes one document in block style; strings that would be read as something else are quoted. */
export function stringifyYaml(value: unknown): string {
  return dump(value, { schema: kubectlSchema, noRefs: true, lineWidth: -1 });
}

/** Writes one document as Kubernetes' own tools write an object: keys sorted, and strings quoted where those quote them. */
export function stringifyManifest(value: unknown): string {
  const options = { sortKeys: true, seqNoIndent: true, scalarStyleRules: [chooseAsGo] };
  return dump(value, { schema: kubectlSchema, noRefs: true, lineWidth: -1, ...options });
}

/** Collections within collections; CustomResourceDefinitions go deeper than the 100 of the parser. */
const maxDepth = 500;

function load({ text, line }: Part, file: string, { duplicateKeys, dialect }: ReadOptions): unknown[] {
  const schema = dialect === "kustomize" ? kustomizeSchema : kubectlSchema;
  try {
    return loadAll(text, { schema, json: duplicateKeys === "last", maxDepth });
  } catch (cause) {
    const { reason, mark } = cause as { reason?: string; mark?: { line: number; column: number } };
    const where = mark ? `${file}:${line + mark.line + 1}:${mark.column + 1}` : file;
    throw new Fault("InvalidYAML", `${where} is not valid YAML: ${reason ?? (cause as Error).message}`, { cause });
  }
}

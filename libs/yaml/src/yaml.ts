import { Fault } from "@leat/api";
import { boolYaml11Tag, dump, loadAll, mapTag, mergeTag, nullYaml11Tag, Schema, seqTag, strTag } from "js-yaml";
import { isSuspect, whatIsWrong } from "./guard.ts";
import { floatTag, integerTag } from "./numbers.ts";

const kubernetesSchema = new Schema([
  strTag,
  seqTag,
  mapTag,
  nullYaml11Tag,
  boolYaml11Tag,
  integerTag,
  floatTag,
  mergeTag,
]);

export interface ReadOptions {
  /** What a key written twice in a mapping means: an error where nothing is said, or that the last one counts. */
  duplicateKeys?: "error" | "last";
}

/**
 * Parses every document of `text` with the scalar rules of kubectl and kustomize, which are YAML 1.1's for booleans and
 * integers. Empty documents are left out.
 *
 * @param file named in the error
 * @throws Fault `InvalidYAML` with file, line and what is wrong
 */
export function parseYamlDocuments(
  text: string,
  file: string,
  { duplicateKeys = "error" }: ReadOptions = {},
): unknown[] {
  const documents = load(text, file, duplicateKeys === "last").filter(
    (document) => document !== null && document !== undefined,
  );
  if (isSuspect(text)) {
    for (const wrong of documents.map(whatIsWrong)) {
      if (wrong !== undefined) throw new Fault("InvalidYAML", `${file} cannot be read: ${wrong}`);
    }
  }
  return documents;
}

/**
 * Parses a text of one document; `undefined` where it is empty.
 *
 * @throws Fault `InvalidYAML`, also where there are several documents
 */
export function parseYaml(text: string, file: string): unknown {
  const documents = parseYamlDocuments(text, file);
  if (documents.length > 1)
    throw new Fault("InvalidYAML", `${file} holds ${documents.length} YAML documents, expected one`);
  return documents[0];
}

/** Writes one document in block style; strings that would be read as something else are quoted. */
export function stringifyYaml(value: unknown): string {
  return dump(value, { schema: kubernetesSchema, noRefs: true, lineWidth: -1 });
}

/** Collections within collections; CustomResourceDefinitions go deeper than the 100 of the parser. */
const maxDepth = 500;

function load(text: string, file: string, json: boolean): unknown[] {
  try {
    return loadAll(text, { schema: kubernetesSchema, json, maxDepth });
  } catch (cause) {
    const { reason, mark } = cause as { reason?: string; mark?: { line: number; column: number } };
    const where = mark ? `${file}:${mark.line + 1}:${mark.column + 1}` : file;
    throw new Fault("InvalidYAML", `${where} is no YAML: ${reason ?? (cause as Error).message}`, { cause });
  }
}

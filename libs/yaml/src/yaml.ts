import { Fault } from "@leat/api";
import { dump, loadAll } from "js-yaml";
import { isSuspect, whatIsWrong } from "./guard.ts";
import { checkSize } from "./limits.ts";
import { kubectlSchema, kustomizeSchema } from "./schemas.ts";
import { type Part, splitDocuments } from "./split-documents.ts";

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
  return [...documentsIn(split(text, file, true), file, options)];
}

/** The same, each document when its turn comes: large texts are read in turns on the event loop. */
export function* yamlDocuments(text: string, file: string, options: ReadOptions = {}): Generator {
  yield* documentsIn(split(text, file, false), file, options);
}

function split(text: string, file: string, isAtOnce: boolean): Part[] {
  const parts = splitDocuments(text, file);
  const texts = parts.map((part) => part.text);
  checkSize(texts, file, isAtOnce);
  return parts;
}

function* documentsIn(parts: readonly Part[], file: string, options: ReadOptions): Generator {
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

/** Collections within collections; CustomResourceDefinitions go deeper than the 100 of the parser. */
const maxDepth = 500;

function load({ text, line }: Part, file: string, { duplicateKeys, dialect }: ReadOptions): unknown[] {
  const schema = dialect === "kustomize" ? kustomizeSchema : kubectlSchema;
  try {
    return loadAll(text, { schema, json: duplicateKeys === "last", maxDepth });
  } catch (error) {
    const { reason, mark } = error as { reason?: string; mark?: { line: number; column: number } };
    const where = mark ? `${file}:${line + mark.line + 1}:${mark.column + 1}` : file;
    // Without a cause: that holds the text, of which a part may be secret.
    throw new Fault("InvalidYAML", `${where} is not valid YAML: ${reason ?? (error as Error).message}`);
  }
}

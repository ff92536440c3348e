import { Fault } from "@leat/api";
import { parseYamlDocuments } from "@leat/yaml";
import { type Fields, isMap } from "./fields.ts";

/**
 * The objects that an entry holds as text, where kustomize takes a text as well as a path; `undefined` where it is a path.
 */
export function inlineObjects(entry: string, file: string): Fields[] | undefined {
  try {
    const documents = parseYamlDocuments(entry, file);
    return documents.length > 0 && documents.every(isMap) ? documents : undefined;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/**
 * Objects as one entry that cannot be taken for a path or a URL: it begins with a brace and holds no slash, so that no
 * part of it can lead anywhere even where kustomize does not accept it as objects.
 */
export function inlineEntry(objects: readonly Fields[]): string {
  return objects.map((object) => JSON.stringify(object).replaceAll("/", "\\u002f")).join("\n---\n");
}

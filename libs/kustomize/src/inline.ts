import { Fault, LimitExceeded } from "@leat/api";
import { jsonForYaml } from "@leat/json";
import { countValues, parseYamlDocuments } from "@leat/yaml";
import { type Fields, isMap } from "./fields.ts";

/** Of all entries together, each of which is read twice. */
const maxValues = 30_000;

/**
 * Checks entries of which each is a path, or objects as text, before they are read.
 *
 * @throws LimitExceeded
 */
export function checkInlineEntries(entries: readonly unknown[], file: string): void {
  const texts = entries.filter((entry) => typeof entry === "string");
  const values = texts.reduce((sum, text) => sum + countValues(text), 0);
  if (values > maxValues)
    throw new LimitExceeded(`${file} with up to ${values} values in entries of text`, `${maxValues} values`);
}

/**
 * The objects that an entry holds as text, where kustomize takes a text as well as a path; `undefined` where it is a path.
 */
export function inlineObjects(entry: string, file: string): Fields[] | undefined {
  try {
    const documents = parseYamlDocuments(entry, file, { dialect: "kustomize" });
    return documents.length > 0 && documents.every(isMap) ? documents : undefined;
  } catch (error) {
    if (error instanceof Fault && !(error instanceof LimitExceeded)) return undefined;
    throw error;
  }
}

/** Objects as one entry. It holds no slash, so that it leads nowhere even where kustomize should take it for a path. */
export function inlineEntry(objects: readonly Fields[]): string {
  return objects.map((object) => jsonForYaml(object).replaceAll("/", "\\u002f")).join("\n---\n");
}

/**
 * A text that stays as it is, with a comment before it: taken for a path, which kustomize does with what it cannot read as
 * objects, the comment has as many directories as the text can leave by `..`.
 */
export function inlineText(text: string): string {
  return `# ${"inline/".repeat(text.split("..").length)}\n${text}`;
}

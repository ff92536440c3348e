import { Fault } from "@leat/api";
import {
  boolYaml11Tag,
  defineScalarTag,
  dump,
  floatCoreTag,
  loadAll,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from "js-yaml";

/** Integers as kubectl reads them: `0644` and `0o17` are octal, `0b11` binary, `1_000` is 1000; sexagesimals stay text. */
const integerTag = defineScalarTag<number>("tag:yaml.org,2002:int", {
  implicit: true,
  implicitFirstChars: "-+0123456789".split(""),
  resolve: (source) => {
    const match = /^([-+]?)(?:0b([01_]+)|0x([0-9a-fA-F_]+)|0o?([0-7_]+)|(0|[1-9][0-9_]*))$/.exec(source);
    if (!match) return NOT_RESOLVED;
    const [, sign, binary, hexadecimal, octal, decimal] = match;
    const [digits, base] = firstOf([binary, 2], [hexadecimal, 16], [octal, 8], [decimal, 10]);
    const value = Number.parseInt(digits.replaceAll("_", ""), base);
    return sign === "-" ? -value : value;
  },
  identify: (data) => Number.isInteger(data) && !Object.is(data, -0),
  represent: String,
});

const kubernetesSchema = new Schema([
  strTag,
  seqTag,
  mapTag,
  nullYaml11Tag,
  boolYaml11Tag,
  integerTag,
  floatCoreTag,
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
  try {
    return loadAll(text, { schema: kubernetesSchema, json: duplicateKeys === "last" }).filter(
      (document) => document !== null && document !== undefined,
    );
  } catch (cause) {
    const { reason, mark } = cause as { reason?: string; mark?: { line: number; column: number } };
    const where = mark ? `${file}:${mark.line + 1}:${mark.column + 1}` : file;
    throw new Fault("InvalidYAML", `${where} is no YAML: ${reason ?? (cause as Error).message}`, { cause });
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
    throw new Fault("InvalidYAML", `${file} holds ${documents.length} YAML documents, expected one`);
  return documents[0];
}

/** Writes one document in block style; strings that would be read as something else are quoted. */
export function stringifyYaml(value: unknown): string {
  return dump(value, { schema: kubernetesSchema, noRefs: true, lineWidth: -1 });
}

function firstOf(...choices: Array<[digits: string | undefined, base: number]>): [digits: string, base: number] {
  for (const [digits, base] of choices) if (digits !== undefined) return [digits, base];
  return ["0", 10];
}

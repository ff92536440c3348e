import { LimitExceeded } from "@leat/api";
import { countOf } from "./count-of.ts";

/** As many as can be read again at once; collections count too. */
const maxValues = 60_000;

/** Characters, with those before each line. */
const maxLength = 3 * 1024 * 1024;

/** Characters of all texts: etcd stores no larger object. The writer's patterns have no stack for a much longer one. */
const maxTextLength = 1.5 * 1024 * 1024;

/** Collections within collections, as for reading. */
const maxDepth = 500;

const indent = 2;

/**
 * Checks a value before it is written as YAML, where each line has an indentation.
 *
 * @throws LimitExceeded
 */
export function checkWrittenSize(value: unknown): void {
  const size = { values: 0, text: 0, length: 0 };
  add(value, 1, size);
}

interface Size {
  values: number;
  text: number;
  length: number;
}

function add(value: unknown, depth: number, size: Size): void {
  size.values += 1;
  if (size.values > maxValues) throw tooLarge(`more than ${maxValues} values`, `${maxValues} values`);
  if (depth > maxDepth) throw tooLarge(`more than ${maxDepth} levels`, `${maxDepth} levels`);
  if (typeof value === "string") addText(value, depth, size);
  else if (Array.isArray(value)) for (const item of value) add(item, depth + 1, size);
  else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      addText(key, depth, size);
      add(member, depth + 1, size);
    }
  }
}

function addText(text: string, depth: number, size: Size): void {
  size.text += text.length;
  if (size.text > maxTextLength)
    throw tooLarge(`more than ${maxTextLength} characters of text`, `${maxTextLength} characters`);
  size.length += text.length + (1 + countOf("\n", text)) * depth * indent;
  if (size.length > maxLength) throw tooLarge(`more than ${maxLength} characters`, `${maxLength} characters`);
}

function tooLarge(size: string, limit: string): LimitExceeded {
  return new LimitExceeded(`YAML with ${size}`, limit);
}

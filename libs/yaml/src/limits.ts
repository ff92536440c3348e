import { LimitExceeded } from "@leat/api";

/** Characters of one document. The largest manifests that an API server accepts are smaller. */
const maxLength = 4 * 1024 * 1024;

/** Documents of one text. */
const maxDocuments = 20_000;

/** Values of one document; some 200 ms of parsing. */
const maxValues = 300_000;

/**
 * Checks a text before it is parsed, in one pass over its characters.
 *
 * @param what the text is called in the error
 * @throws LimitExceeded
 */
export function checkSize(documents: readonly string[], what: string): void {
  if (documents.length > maxDocuments)
    throw new LimitExceeded(`${what} with ${documents.length} YAML documents`, `${maxDocuments} documents`);
  for (const { length } of documents)
    if (length > maxLength)
      throw new LimitExceeded(`${what} with a YAML document of ${length} characters`, `${maxLength} characters`);
  for (const document of documents) {
    const count = mostValues(document);
    if (count > maxValues)
      throw new LimitExceeded(`${what} with a YAML document of up to ${count} values`, `${maxValues} values`);
  }
}

/** An upper bound of entries: each begins a line, or comes after one of these characters, which count within texts as well. */
function mostValues(document: string): number {
  let count = 1;
  for (let index = 0; index < document.length; index += 1) {
    const code = document.charCodeAt(index);
    if (code === lineFeed || code === comma || code === bracket || code === brace) count += 1;
  }
  return count;
}

const [lineFeed, comma, bracket, brace] = [0x0a, 0x2c, 0x5b, 0x7b];

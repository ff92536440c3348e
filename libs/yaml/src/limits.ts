import { LimitExceeded } from "@leat/api";

/** Characters of one document. The largest manifests that an API server accepts are smaller. */
const maxLength = 4 * 1024 * 1024;

/** Documents of one text. */
const maxDocuments = 20_000;

/** Values of what is parsed at once; some 70 ms of parsing. CustomResourceDefinitions of a megabyte have some 30,000. */
const maxValues = 60_000;

/**
 * Checks a text before it is parsed, in one pass over its characters.
 *
 * @param what the text is called in the error
 * @param isAtOnce whether all documents are parsed in one turn
 * @throws LimitExceeded
 */
export function checkSize(documents: readonly string[], what: string, isAtOnce: boolean): void {
  if (documents.length > maxDocuments)
    throw new LimitExceeded(`${what} with ${documents.length} YAML documents`, `${maxDocuments} documents`);
  for (const { length } of documents)
    if (length > maxLength)
      throw new LimitExceeded(`${what} with a YAML document of ${length} characters`, `${maxLength} characters`);
  let sum = 0;
  for (const document of documents) {
    const count = mostValues(document);
    if (count > maxValues)
      throw new LimitExceeded(`${what} with a YAML document of up to ${count} values`, `${maxValues} values`);
    sum += count;
  }
  if (isAtOnce && sum > maxValues)
    throw new LimitExceeded(`${what} with up to ${sum} values of YAML`, `${maxValues} values`);
}

/**
 * An upper bound of values: each begins a line, or comes after a mark of a collection. Marks within texts count as well; one at
 * the end of a line does not, because the line after it counts.
 */
function mostValues(document: string): number {
  let count = 1;
  let isInIndent = true;
  for (let index = 0; index < document.length; index += 1) {
    const code = document.charCodeAt(index);
    if (code === lineFeed) {
      count += 1;
      isInIndent = true;
    } else if (code !== space) {
      const isMark = isFlowMark(code) || (!isInIndent && isBlockMark(code) && isBlank(document, index + 1));
      if (isMark && document.charCodeAt(index + 1) !== lineFeed) count += 1;
      isInIndent = false;
    }
  }
  return count;
}

const [lineFeed, space, tab] = [0x0a, 0x20, 0x09];
const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b];
const [dash, questionMark] = [0x2d, 0x3f];

/** As in `[a, {b: c}]`. */
function isFlowMark(code: number): boolean {
  return code === comma || code === bracket || code === brace;
}

/** As in `- - ? a`. */
function isBlockMark(code: number): boolean {
  return code === dash || code === questionMark;
}

function isBlank(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === space || code === tab;
}

import { LimitExceeded } from "@leat/api";
import { countValues } from "./count-values.ts";

/** Characters of one document. The largest manifests that an API server accepts are smaller. */
const maxLength = 4 * 1024 * 1024;

/** Lines of one document, in texts as well; some 70 ms. */
const maxLines = 300_000;

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
  for (const { length } of documents)
    if (length > maxLength)
      throw new LimitExceeded(`${what} with a YAML document of ${length} characters`, `${maxLength} characters`);
  for (const document of documents) {
    const lines = countLines(document);
    if (lines > maxLines)
      throw new LimitExceeded(`${what} with a YAML document of ${lines} lines`, `${maxLines} lines`);
  }
  let sum = 0;
  for (const document of documents) {
    const count = countValues(document);
    if (count > maxValues)
      throw new LimitExceeded(`${what} with a YAML document of up to ${count} values`, `${maxValues} values`);
    sum += count;
  }
  if (isAtOnce && sum > maxValues)
    throw new LimitExceeded(`${what} with up to ${sum} values of YAML`, `${maxValues} values`);
}

function countLines(text: string): number {
  let count = 1;
  for (let feed = text.indexOf("\n"); feed >= 0; feed = text.indexOf("\n", feed + 1)) count += 1;
  return count;
}

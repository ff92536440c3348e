import { LimitExceeded } from "@leat/api";
import { countOf } from "./count-of.ts";
import { countValues } from "./count-values.ts";

/** Characters of one document: an API server reads no larger request. */
const maxLength = 3 * 1024 * 1024;

/** Lines of one document, in texts as well; some 70 ms. */
const maxLines = 300_000;

/** Tabs of a last line that no line feed ends: the parser's error shows all of it, and replaces each. */
const maxTabs = 100_000;

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
    const lines = 1 + countOf("\n", document);
    if (lines > maxLines)
      throw new LimitExceeded(`${what} with a YAML document of ${lines} lines`, `${maxLines} lines`);
    const tabs = countOf("\t", document, document.lastIndexOf("\n") + 1);
    if (tabs > maxTabs) throw new LimitExceeded(`${what} with ${tabs} tabs in its last line`, `${maxTabs} tabs`);
  }
  let sum = 0;
  for (const document of documents) {
    const values = countValues(document);
    if (values > maxValues)
      throw new LimitExceeded(`${what} with a YAML document of up to ${values} values`, `${maxValues} values`);
    sum += values;
  }
  if (isAtOnce && sum > maxValues)
    throw new LimitExceeded(`${what} with up to ${sum} values of YAML`, `${maxValues} values`);
}

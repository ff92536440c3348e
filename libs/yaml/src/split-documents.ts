import { LimitExceeded } from "@leat/api";

/** Documents of one text. */
const maxDocuments = 20_000;

/** A part of a text that holds whole documents, most often one. */
export interface Part {
  text: string;
  /** Number of the lines before it. */
  line: number;
}

const marker = "---";

/**
 * Splits a text before each line that begins a document: three dashes at the start of a line are never part of a value. A text
 * with directives is left whole, because they belong to the document after them.
 *
 * @param file for the error
 * @throws LimitExceeded
 */
export function splitDocuments(text: string, file: string): Part[] {
  if (text.startsWith("%") || text.includes("\n%")) return [{ text, line: 0 }];
  const parts: Part[] = [];
  let start = 0;
  let startLine = 0;
  let line = 0;
  for (let feed = text.indexOf("\n"); feed >= 0; feed = text.indexOf("\n", feed + 1)) {
    line += 1;
    if (!beginsDocument(text, feed + 1)) continue;
    parts.push({ text: text.slice(start, feed + 1), line: startLine });
    if (parts.length === maxDocuments)
      throw new LimitExceeded(`${file} with more than ${maxDocuments} YAML documents`, `${maxDocuments} documents`);
    start = feed + 1;
    startLine = line;
  }
  parts.push({ text: text.slice(start), line: startLine });
  return parts;
}

function beginsDocument(text: string, at: number): boolean {
  return text.startsWith(marker, at) && ["", " ", "\t", "\r", "\n"].includes(text.charAt(at + marker.length));
}

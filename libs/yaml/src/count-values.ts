import { readBlockLine } from "./block-line.ts";

/**
 * An upper bound of the values of a document, in one pass over its characters.
 *
 * Plain lines of block style are counted as they are; the text of a block scalar, however long, is one value. From the first line on
 * that is not plain, each mark of a collection or document counts, within texts too.
 */
export function countValues(document: string): number {
  let count = 1;
  let textBelow: number | undefined;
  for (let start = 0; start < document.length;) {
    const feed = document.indexOf("\n", start);
    const end = feed < 0 ? document.length : feed;
    const line = document.slice(start, document[end - 1] === "\r" ? Math.max(start, end - 1) : end);
    // By itself, it ends a line.
    if (line.includes("\r")) return count + countMarks(document, start);
    if (textBelow === undefined || !isText(line, textBelow)) {
      const read = readBlockLine(line);
      if (read === undefined) return count + countMarks(document, start);
      count += read.entries;
      textBelow = read.textBelow;
    }
    start = end + 1;
  }
  return count;
}

function isText(line: string, textBelow: number): boolean {
  let indent = 0;
  while (line[indent] === " ") indent += 1;
  return indent > textBelow || indent === line.length;
}

function countMarks(document: string, from: number): number {
  let count = 0;
  for (let index = from; index < document.length; index += 1) {
    switch (document.charCodeAt(index)) {
      case comma:
      case bracket:
      case brace:
        count += 1;
        break;
      case dash:
      case questionMark:
      case colon:
        if (isBlockMark(document, index)) count += 1;
        break;
      case dot:
        if (document.startsWith("...", index)) count += 1;
    }
  }
  return count;
}

const [comma, bracket, brace] = [0x2c, 0x5b, 0x7b];
const [dash, questionMark, colon, dot] = [0x2d, 0x3f, 0x3a, 0x2e];

/** As in `- ? a: b`, and in `["a":b]`. */
function isBlockMark(document: string, index: number): boolean {
  const isLast = index + 1 === document.length;
  if (isLast || endsMark.has(document.charCodeAt(index + 1))) return true;
  return document.charCodeAt(index) === colon && endsQuoted.has(document.charCodeAt(index - 1));
}

const endsMark = codesOf(" \t\r\n,[]{}");
const endsQuoted = codesOf("\"']}");

function codesOf(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (character) => character.charCodeAt(0)));
}

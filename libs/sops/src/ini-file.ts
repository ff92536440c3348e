import { plainText } from "./plain.ts";
import { Rejection } from "./rejection.ts";
import type { Comment, Leaf, EncryptedFile } from "./encrypted-file.ts";
import { isEncrypted } from "./encrypted-value.ts";
import { unflatten } from "./unflatten.ts";

/** What comes before the first section belongs to this one. */
const firstSection = "DEFAULT";

/** Reads the INI dialect that sops writes: `[section]`, `key = value`, `;` and `#` for comments, three ways to quote. */
export function readIni(text: string): EncryptedFile {
  const metadata: Array<readonly [string, string]> = [];
  const leaves: Leaf[] = [];
  const comments: Comment[] = [];
  const lines: string[] = [];
  let section = firstSection;
  // A comment before a section belongs to it, one before a key to the section that the key is in.
  let places = [[section]];
  for (const line of logicalLines(text)) {
    const begun = sectionIn(line);
    if (begun !== undefined) {
      places.push([begun]);
      places = [[begun]];
    }
    section = begun ?? section;
    const entry = readEntry(line);
    if (section === "sops") {
      if (entry) metadata.push([entry.key, entry.value.replaceAll("\\n", "\n")]);
      continue;
    }
    const index = lines.push(line) - 1;
    const comment = line.replace(/^\s*[;#]\s*/, "");
    const putComment: Comment["put"] = (text_) => void (lines[index] = text_.replaceAll(/^(?![;#])/gm, "; "));
    if (isEncrypted(comment)) comments.push({ places, found: comment, put: putComment });
    if (!entry) continue;
    const { start, key, value } = entry;
    const put: Leaf["put"] = ({ bytes }) => void (lines[index] = start + quoted(bytes.toString()));
    leaves.push({ path: [section, key], found: plainText(value), put });
  }
  const write = async () => Buffer.from(`${lines.join("\n").trimEnd()}\n`);
  return { parts: [{ metadata: unflatten(metadata), leaves, comments }], write };
}

interface Entry {
  /** All before the value. */
  start: string;
  key: string;
  value: string;
}

/** The section that a line begins. */
function sectionIn(line: string): string | undefined {
  const text = line.trim();
  const isSection = text.length >= 2 && text.startsWith("[") && text.endsWith("]") && !text.includes("\n");
  return isSection ? text.slice(1, -1).trim() : undefined;
}

/** `undefined` for sections, comments and empty lines. */
function readEntry(line: string): Entry | undefined {
  const text = line.trimStart();
  if (text === "" || "[;#".includes(text.charAt(0))) return undefined;
  const separator = separatorIn(text);
  if (separator < 0) return undefined;
  const value = text.slice(separator + 1).trimStart();
  const start = line.slice(0, line.length - value.length);
  return { start, key: unquoted(text.slice(0, separator)), value: unquoted(value) };
}

/** Offset of the `=` or `:` after the key; one within a quoted key does not count. */
function separatorIn(text: string): number {
  const quote = ["`", tripleQuote].find((one) => text.startsWith(one));
  const end = quote === undefined ? -1 : text.indexOf(quote, quote.length);
  if (quote !== undefined && end >= 0) {
    const rest = text.slice(end + quote.length);
    const after = rest.trimStart();
    if (/^[=:]/.test(after)) return text.length - after.length;
  }
  return text.search(/[=:]/);
}

const tripleQuote = '"""';

/** A value in three quotes may go on over lines. */
function* logicalLines(text: string): Generator<string> {
  let open: string[] = [];
  for (const line of text.split("\n")) {
    const isComment = open.length === 0 && /^\s*[;#]/.test(line);
    const toggles = line.split(tripleQuote).length % 2 === 0 && !isComment;
    if (toggles === open.length > 0) {
      yield [...open, line].join("\n");
      open = [];
    } else open.push(line);
  }
  if (open.length > 0) throw new Rejection('is no INI: a value begins with """ and has no end');
}

function unquoted(value: string): string {
  const text = value.trim();
  if (text.length >= 6 && text.startsWith(tripleQuote) && text.endsWith(tripleQuote)) return text.slice(3, -3);
  const inner = /^`([^`]*)`/.exec(text)?.[1];
  if (inner !== undefined) return inner;
  const comment = text.search(/[#;]/);
  const bare = (comment < 0 ? text : text.slice(0, comment)).trim();
  return /^"[^"]*"$|^'[^']*'$/.test(bare) ? bare.slice(1, -1) : bare;
}

function quoted(value: string): string {
  if (/[\n`]/.test(value)) return `"""${value}"""`;
  if (/[#;]/.test(value)) return `\`${value}\``;
  return value.trim() === value ? value : `"${value}"`;
}

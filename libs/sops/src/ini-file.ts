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
  const sections = [[firstSection]];
  for (const line of logicalLines(text)) {
    const begun = /^\s*\[(.*)\]\s*$/.exec(line)?.[1]?.trim();
    if (begun !== undefined) sections.push([begun]);
    section = begun ?? section;
    const entry = readEntry(line);
    if (section === "sops") {
      if (entry) metadata.push([entry.key, entry.value.replaceAll("\\n", "\n")]);
      continue;
    }
    const index = lines.push(line) - 1;
    const comment = line.replace(/^\s*[;#]\s*/, "");
    const putComment: Comment["put"] = (text_) => void (lines[index] = text_.replaceAll(/^(?![;#])/gm, "; "));
    if (isEncrypted(comment)) comments.push({ places: sections, found: comment, put: putComment });
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

/** `undefined` for sections, comments and empty lines. */
function readEntry(line: string): Entry | undefined {
  if (/^\s*(?:[[;#]|$)/.test(line)) return undefined;
  const match = /^(\s*(`[^`]*`|"""[^]*?"""|[^=:]*?)\s*[=:]\s*)([^]*)$/.exec(line);
  const [, start = "", key = "", value = ""] = match ?? [];
  return match ? { start, key: unquoted(key), value: unquoted(value) } : undefined;
}

/** A value in three quotes may go on over lines. */
function* logicalLines(text: string): Generator<string> {
  let open: string | undefined;
  for (const line of text.split("\n")) {
    const joined: string = open === undefined ? line : `${open}\n${line}`;
    const isOpen = joined.split('"""').length % 2 === 0 && !/^\s*[;#]/.test(joined);
    if (!isOpen) yield joined;
    open = isOpen ? joined : undefined;
  }
  if (open !== undefined) throw new Rejection('is no INI: a value begins with """ and has no end');
}

function unquoted(value: string): string {
  const text = value.trim();
  const [, inner] = /^"""([^]*)"""$/.exec(text) ?? /^`([^`]*)`/.exec(text) ?? [];
  if (inner !== undefined) return inner;
  const bare = text.replace(/[#;][^]*$/, "").trim();
  return /^"[^"]*"$|^'[^']*'$/.test(bare) ? bare.slice(1, -1) : bare;
}

function quoted(value: string): string {
  if (/[\n`]/.test(value)) return `"""${value}"""`;
  if (/[#;]/.test(value)) return `\`${value}\``;
  return value.trim() === value ? value : `"${value}"`;
}

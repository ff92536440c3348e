/** What a line of block style adds to a document. */
export interface BlockLine {
  /** Entries of mappings and sequences that begin in it, and documents. */
  entries: number;
  /** Of a line that begins a block scalar: those after it that are indented deeper than this column are its text. */
  textBelow?: number | undefined;
}

/**
 * Reads a line of a document, as far as it is plain: entries, a key, and a scalar or an empty collection that ends with the line,
 * or the rest of a plain scalar. So whatever is after it is in block style too.
 *
 * @returns `undefined` for any other line
 */
export function readBlockLine(line: string): BlockLine | undefined {
  if (line === "---") return { entries: 1 };
  if (isMarker(line) || line.includes("\t")) return undefined;
  let at = skipBlanks(line, 0);
  let column = at;
  let entries = 0;
  while (line[at] === "-" && isEndOrBlank(line, at + 1)) {
    entries += 1;
    column = at;
    at = skipBlanks(line, at + 1);
  }
  const keyEnd = endOfKey(line, at);
  if (keyEnd > at) {
    entries += 1;
    column = at;
    at = skipBlanks(line, keyEnd + 1);
  }
  if (at === line.length || line[at] === "#") return { entries };
  if (isBlockHeader(line, at)) return { entries, textBelow: column };
  return isWholeScalar(line, at) ? { entries } : undefined;
}

function isMarker(line: string): boolean {
  return line.startsWith("---") || line.startsWith("...") || line.startsWith("%");
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (line[at] === " ") at += 1;
  return at;
}

function isEndOrBlank(line: string, at: number): boolean {
  return at === line.length || line[at] === " ";
}

/** The position of the colon after a key; `from` if there is none. */
function endOfKey(line: string, from: number): number {
  let at = from;
  while (isKeyCharacter(line.charCodeAt(at))) at += 1;
  return at > from && line[at] === ":" && isEndOrBlank(line, at + 1) ? at : from;
}

const [dollar, dash, slash, underscore] = [0x24, 0x2d, 0x2f, 0x5f];

/** Also of `-`, `.` and `/`, as in the names of labels. */
function isKeyCharacter(code: number): boolean {
  const isDigit = code >= slash + 1 && code <= 0x39;
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isDigit || isLetter || code === underscore || code === dollar || (code >= dash && code <= slash);
}

/** `|` or `>`, with its indicators. */
function isBlockHeader(line: string, from: number): boolean {
  if (line[from] !== "|" && line[from] !== ">") return false;
  let at = from + 1;
  while ("+-123456789".includes(line[at] ?? " ")) at += 1;
  return skipBlanks(line, at) === line.length;
}

function isWholeScalar(line: string, from: number): boolean {
  const first = line[from] ?? "";
  if (first === '"' || first === "'") return isWholeQuoted(line, from);
  if (first === "[" || first === "{") return line.slice(from) === "[]" || line.slice(from) === "{}";
  const isEntry = first === "-" && isEndOrBlank(line, from + 1);
  return isKeyCharacter(line.charCodeAt(from)) && !isEntry && !hasKey(line, from);
}

function isWholeQuoted(line: string, from: number): boolean {
  const quote = line[from];
  let at = from + 1;
  while (at < line.length) {
    if (line[at] === "\\" && quote === '"') at += 2;
    else if (line[at] !== quote) at += 1;
    else if (quote === "'" && line[at + 1] === quote) at += 2;
    else return skipBlanks(line, at + 1) === line.length;
  }
  return false;
}

/** Whether a plain text may be a key in part. */
function hasKey(line: string, from: number): boolean {
  for (let at = line.indexOf(":", from); at >= 0; at = line.indexOf(":", at + 1))
    if (isEndOrBlank(line, at + 1)) return true;
  return false;
}

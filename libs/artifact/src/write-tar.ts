import type { Entry, FileEntry } from "./entry.ts";

/**
 * The entries as a tar stream (POSIX ustar, with pax records where a field is too small) that depends on nothing but them: no
 * times, no owners, three modes. The same entries in the same order give the same bytes. An archive ends with `endOfTar`.
 *
 * @param contentOf is called for each file, in the order of the entries
 * @throws Error where the content of a file is not as long as said
 */
export async function* writeTar(
  entries: Iterable<Entry>,
  contentOf: (file: FileEntry) => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Buffer, void, undefined> {
  for (const entry of entries) {
    yield headerOf(entry);
    if (entry.kind === "directory") continue;
    let missing = entry.size;
    for await (const chunk of await contentOf(entry)) {
      missing -= chunk.length;
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
    if (missing !== 0) throw new Error(`${entry.path} is not ${entry.size} bytes long`);
    yield padding(entry.size);
  }
}

/** Bytes that an entry takes in the tar stream, without pax records. */
export function tarSizeOf(entry: Entry): number {
  return blockLength * (1 + (entry.kind === "file" ? Math.ceil(entry.size / blockLength) : 0));
}

const blockLength = 512;
/** Two empty blocks. */
export const endOfTar: Buffer = Buffer.alloc(2 * blockLength);

/** Sizes are 11 octal digits in the header. */
const largestSize = 0o77777777777;

function headerOf(entry: Entry): Buffer {
  const size = entry.kind === "file" ? entry.size : 0;
  const header = { path: entry.path, size, type: entry.kind === "file" ? "0" : "5", mode: modeOf(entry) };
  const records = [
    ...(fits(entry.path) ? [] : [record("path", entry.path)]),
    ...(size > largestSize ? [record("size", String(size))] : []),
  ];
  if (records.length === 0) return block(header);
  const content = Buffer.concat(records);
  const pax = block({ path: "pax", size: content.length, type: "x", mode: 0o600 });
  // Who knows no pax records finds the beginning of the name.
  return Buffer.concat([
    pax,
    content,
    padding(content.length),
    block({ ...header, size: Math.min(size, largestSize) }),
  ]);
}

function modeOf(entry: Entry): number {
  if (entry.kind === "directory") return 0o750;
  return entry.isExecutable ? 0o700 : 0o600;
}

function fits(path: string): boolean {
  return path.length <= 100 && /^[\x20-\x7e]*$/.test(path);
}

interface Header {
  path: string;
  size: number;
  /** `0`: a file, `5`: a directory, `x`: pax records for the next header. */
  type: string;
  mode: number;
}

/** Offsets and lengths of the fields: POSIX.1-1988, ustar. */
function block({ path, size, type, mode }: Header): Buffer {
  const header = Buffer.alloc(blockLength);
  header.write(path, 0, 100);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length += 1;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function padding(size: number): Buffer {
  return Buffer.alloc((blockLength - (size % blockLength)) % blockLength);
}

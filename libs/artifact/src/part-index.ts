/**
 * The index of an archive in parts: an empty gzip member at the end, whose extra field (RFC 1952, section 2.3.1.1) has the
 * lengths of the parts before it. Tools that unpack tar.gz pass over it.
 *
 *     header 10 | size of extra field 2 | "LP" | size of subfield 2 | length of each part 4, length of the index 4 | body 10
 */
const header = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff]);
/** No bytes, compressed; their CRC-32, and their number. */
const body = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const subfieldName = "LP";
const bytesBefore = header.length + 2 + 4;
const maxParts = (0xffff - 4) / 4 - 1;
const maxPartBytes = 0xffff_ffff;

/** Of the end of an archive, which has its whole index. */
export const maxIndexBytes: number = bytesBefore + 4 * Math.floor(maxParts + 1) + body.length;

/** @param lengths of the parts, in bytes @returns no bytes if there is nothing to divide, or too much to list */
export function formatIndex(lengths: readonly number[]): Buffer {
  if (lengths.length < 2 || lengths.length > maxParts) return Buffer.alloc(0);
  if (lengths.some((length) => length > maxPartBytes)) return Buffer.alloc(0);
  const size = 4 * (lengths.length + 1);
  const index = Buffer.alloc(bytesBefore + size + body.length);
  header.copy(index);
  index.writeUInt16LE(size + 4, header.length);
  index.write(subfieldName, header.length + 2, "latin1");
  index.writeUInt16LE(size, header.length + 4);
  for (const [at, length] of [...lengths, index.length].entries()) index.writeUInt32LE(length, bytesBefore + 4 * at);
  body.copy(index, index.length - body.length);
  return index;
}

/**
 * @param end the last bytes of an archive
 * @param size of the archive, in bytes
 * @returns the lengths of its parts; `undefined` if it has no index, or one that does not fit it
 */
export function parseIndex(end: Buffer, size: number): number[] | undefined {
  const at = end.length - body.length - 4;
  if (at < bytesBefore || !end.subarray(at + 4).equals(body)) return undefined;
  const index = end.subarray(-end.readUInt32LE(at));
  const count = (index.length - bytesBefore - body.length) / 4 - 1;
  if (!Number.isInteger(count) || count < 2) return undefined;
  const lengths = Array.from({ length: count }, (_, each) => index.readUInt32LE(bytesBefore + 4 * each));
  const total = lengths.reduce((sum, length) => sum + length, index.length);
  return total === size && formatIndex(lengths).equals(index) ? lengths : undefined;
}

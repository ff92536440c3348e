import { Buffer } from "node:buffer";

/** The few pieces of DER (ITU-T X.690) that an X.509 certificate is made of. */
export const der = {
  sequence: (...parts: Uint8Array[]) => tagged(0x30, ...parts),
  set: (...parts: Uint8Array[]) => tagged(0x31, ...parts),
  /** A big-endian number, taken as positive. */
  integer: (bytes: Uint8Array) => tagged(0x02, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.of(0), bytes] : [bytes])),
  boolean: (value: boolean) => tagged(0x01, Buffer.of(value ? 0xff : 0)),
  /** Whole bytes, of which the last `unusedBits` count for nothing. */
  bitString: (bytes: Uint8Array, unusedBits = 0) => tagged(0x03, Buffer.of(unusedBits), bytes),
  octetString: (bytes: Uint8Array) => tagged(0x04, bytes),
  utf8String: (text: string) => tagged(0x0c, Buffer.from(text)),
  /** Years 1950 to 2049. */
  utcTime: (at: Date) =>
    tagged(
      0x17,
      Buffer.from(
        `${at
          .toISOString()
          .replaceAll(/[-:T]|\.\d+Z/g, "")
          .slice(2)}Z`,
      ),
    ),
  objectIdentifier: (dotted: string) => tagged(0x06, Buffer.from(identifierBytes(dotted))),
  /** A tag of the context, constructed (its content is DER again). */
  explicit: (tag: number, ...parts: Uint8Array[]) => tagged(0xa0 | tag, ...parts),
  /** A tag of the context on plain bytes. */
  implicit: (tag: number, bytes: Uint8Array) => tagged(0x80 | tag, bytes),
};

function tagged(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag, ...lengthBytes(content.length)), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return [0x80 | bytes.length, ...bytes];
}

function identifierBytes(dotted: string): number[] {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return [first * 40 + second, ...rest.flatMap(base128)];
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

import { mayHoldLongInteger } from "./long-integer.ts";

declare global {
  interface BigInt {
    toJSON: () => unknown;
  }
  interface JSON {
    rawJSON: (text: string) => object;
  }
}

// oxlint-disable-next-line no-extend-native -- without it JSON.stringify throws for what is read here, wherever it is used
BigInt.prototype.toJSON = function toJSON(this: bigint) {
  return JSON.rawJSON(this.toString());
};

/** In characters: integers of 64 bits have no more, and longer ones are floating point numbers to Kubernetes. */
const longest = 20;

/**
 * As JSON.parse, but an integer of 64 bits that would lose digits as a number becomes a bigint. JSON.stringify writes it as it
 * was.
 *
 * @throws SyntaxError which quotes the text
 */
export function parseJson(text: string): unknown {
  return mayHoldLongInteger(text) ? JSON.parse(text, withAllDigits) : JSON.parse(text);
}

/** The integer as a number, if that is written with the same digits, else as a bigint. */
export function exactInteger(integer: bigint): number | bigint {
  const number = Number(integer);
  return String(number) === String(integer) ? number : integer;
}

function withAllDigits(_key: string, value: unknown, { source = "" }: { source?: string } = {}): unknown {
  const isInteger = typeof value === "number" && source.length <= longest && /^-?[0-9]+$/.test(source);
  return isInteger && !Number.isSafeInteger(value) ? exactInteger(BigInt(source)) : value;
}

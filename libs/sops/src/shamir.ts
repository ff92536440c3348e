import { Rejection } from "./rejection.ts";

/**
 * Puts the shares of a secret together that was split by Shamir's scheme, byte by byte over GF(2^8) with the polynomial of
 * AES. The last byte of a share is the place at which it was taken.
 *
 * @throws Rejection where the shares do not belong together
 */
export function combineShares(shares: readonly Buffer[]): Buffer {
  const lengths = new Set(shares.map(({ length }) => length));
  const places = shares.map((share) => share.at(-1) ?? 0);
  const [length = 0] = lengths;
  if (
    shares.length < 2 ||
    lengths.size > 1 ||
    length < 2 ||
    new Set(places).size < places.length ||
    places.includes(0)
  ) {
    throw new Rejection("has inconsistent shares of its data key");
  }
  const weights = places.map((place, index) => weightOf(place, places.toSpliced(index, 1)));
  const byteAt = (at: number) =>
    shares.reduce((sum, share, index) => sum ^ multiply(share[at] ?? 0, weights[index] ?? 0), 0);
  return Buffer.from(Array.from({ length: length - 1 }, (_, at) => byteAt(at)));
}

/** What a share counts for at place 0: Lagrange's basis polynomial. Subtraction is the same as addition, which is `^`. */
function weightOf(place: number, others: readonly number[]): number {
  return others.reduce((weight, other) => multiply(weight, multiply(other, inverse(place ^ other))), 1);
}

function multiply(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    const doubled = product << 1;
    product = (doubled & 0x100 ? doubled ^ 0x11b : doubled) ^ ((other >> bit) & 1 ? one : 0);
  }
  return product;
}

/** In a group of 255 elements the 254th power is the inverse. */
function inverse(value: number): number {
  let power = 1;
  for (let exponent = 0; exponent < 254; exponent += 1) power = multiply(power, value);
  return power;
}

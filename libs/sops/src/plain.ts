import { Rejection } from "./rejection.ts";

/** A leaf of a file, not encrypted. */
export interface Plain {
  type: "str" | "int" | "float" | "bool" | "time" | "null" | "comment";
  /** In the form that the MAC is made over: numbers in decimal without exponent, `True` and `False`. */
  bytes: Buffer;
}

export function plainText(text: string): Plain {
  return { type: "str", bytes: Buffer.from(text) };
}

/**
 * A value as it was encrypted.
 *
 * @throws Rejection where its type is not known, or it is none of that type
 */
export function plainOf(type: string, bytes: Buffer): Plain {
  switch (type) {
    case "str":
    case "bytes":
      return { type: "str", bytes };
    case "comment":
    case "time":
      return { type, bytes };
    case "int":
    case "float":
      return { type, bytes: Buffer.from(decimal(bytes.toString())) };
    case "bool":
      return { type, bytes: Buffer.from(/^(?:1|t|true)$/i.test(bytes.toString()) ? "True" : "False") };
    default:
      throw new Rejection(`has a value of the unknown type ${type.slice(0, 20)}`);
  }
}

/** To make an integer of more digits takes a quadratic time. */
export const maxNumberLength = 1000;

/**
 * A number in decimal, with the fewest digits that tell it from its neighbours and without an exponent. Integers may be of
 * any sensible size, a zero may be negative. Also takes what it returns.
 *
 * @throws Rejection
 */
export function decimal(number: string): string {
  if (/^(?:-0|[-+]Inf)$/.test(number)) return number;
  if (number.length > maxNumberLength) throw new Rejection(`has a number of ${number.length} characters`);
  if (/^[-+]?[0-9]+$/.test(number)) return String(BigInt(number.replace(/^\+/, "")));
  const value = Number(number);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return Object.is(value, -0) ? "-0" : withoutExponent(String(value));
}

function withoutExponent(number: string): string {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:e([-+][0-9]+))?$/.exec(number);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

import { exactInteger } from "@leat/json";
import { defineScalarTag, floatCoreTag, NOT_RESOLVED } from "js-yaml";

/** What is longer is text: to make a number of it would take a quadratic time. */
const maxLength = 1000;

const implicitFirstChars = "-+0123456789".split("");

/** Whether a number is written as an integer: what does not fit into 64 bits would not be read back as one. */
function isInteger(data: unknown): data is number | bigint {
  if (typeof data === "bigint") return true;
  return Number.isInteger(data) && !Object.is(data, -0) && Number(data) >= -(2 ** 63) && Number(data) < 2 ** 64;
}

/**
 * Integers as kubectl reads them: `0644` and `0o17` are octal, `0b11` binary, `1_000` is 1000; sexagesimals stay text. What
 * does not fit into 64 bits is none. What a number cannot hold is a bigint.
 */
export const integerTag = defineScalarTag<number | bigint>("tag:yaml.org,2002:int", {
  implicit: true,
  implicitFirstChars,
  resolve: (source) => {
    if (source.length > maxLength || !startsNumber(source)) return NOT_RESOLVED;
    const plain = source.replaceAll("_", "");
    const match = /^([-+]?)(?:0b([01]+)|0x([0-9a-f]+)|0o?([0-7]+)|(0|[1-9][0-9]*))$/i.exec(plain);
    if (!match) return NOT_RESOLVED;
    const [, sign, binary, hexadecimal, octal, decimal] = match;
    const [digits, prefix] = firstOf([binary, "0b"], [hexadecimal, "0x"], [octal, "0o"], [decimal, ""]);
    const magnitude = BigInt(`${prefix}${digits}`);
    const value = sign === "-" ? -magnitude : magnitude;
    return value < -(2n ** 63n) || value >= 2n ** 64n ? NOT_RESOLVED : exactInteger(value);
  },
  identify: isInteger,
  represent: (data) => String(BigInt(data)),
});

/** Floating point numbers, in which kubectl permits underscores too. */
export const floatTag = defineScalarTag<number>("tag:yaml.org,2002:float", {
  implicit: true,
  implicitFirstChars: [...implicitFirstChars, "."],
  resolve: (source, isExplicit, tagName) => {
    if (source.length > maxLength) return NOT_RESOLVED;
    return floatCoreTag.resolve(startsNumber(source) ? source.replaceAll("_", "") : source, isExplicit, tagName);
  },
  identify: (data) => typeof data === "number" && !isInteger(data),
  represent: floatCoreTag.represent,
});

function startsNumber(source: string): boolean {
  return /^[-+0-9]/.test(source);
}

function firstOf(...choices: Array<[digits: string | undefined, prefix: string]>): [digits: string, prefix: string] {
  for (const [digits, prefix] of choices) if (digits !== undefined) return [digits, prefix];
  return ["0", ""];
}

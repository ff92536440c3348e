import { Duration, UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import { wrong } from "./wrong.ts";

const clause = /%(?:\.(\d{1,3}))?([a-zA-Z%])/g;
const byDefault = 6;

/** `"%s has %d of %.1f".format([…])`, with the verbs of cel-go's extension for strings. */
export function format(template: string, given: readonly unknown[]): string {
  let next = 0;
  return template.replaceAll(clause, (_, precision: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    const write = verbs[verb];
    if (write === undefined) throw wrong("unknown_format");
    if (next >= given.length) throw wrong("too_few_format_arguments");
    return write(given[next++], precision === undefined ? byDefault : Number(precision));
  });
}

const verbs: Readonly<Record<string, (value: unknown, precision: number) => string>> = {
  s: textOf,
  d: (value) => (typeof value === "number" ? textOf(value) : wholeOf(value).toString()),
  b: (value) => (typeof value === "boolean" ? String(Number(value)) : wholeOf(value).toString(2)),
  o: (value) => wholeOf(value).toString(8),
  x: hexOf,
  X: (value) => hexOf(value).toUpperCase(),
  f: (value, precision) => decimalOf(value, (number) => number.toFixed(Math.min(precision, 100))),
  e: (value, precision) =>
    decimalOf(value, (number) =>
      number.toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, (_, sign, digit) => `e${sign}0${digit}`),
    ),
};

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (value instanceof Date) return value.toISOString().replace(/(?:\.000|0{1,2})Z$/, "Z");
  if (value instanceof Duration || value instanceof UnsignedInt) return value.toString();
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${key}: ${textOf(member)}`).join(", ")}}`;
}

function wholeOf(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (value instanceof UnsignedInt) return BigInt(String(value));
  throw wrong("invalid_format_argument");
}

function hexOf(value: unknown): string {
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  if (value instanceof Uint8Array) return value.toHex();
  return wholeOf(value).toString(16);
}

function decimalOf(value: unknown, write: (number: number) => string): string {
  const number = typeof value === "number" ? value : Number(wholeOf(value));
  return Number.isFinite(number) ? write(number) : String(number);
}

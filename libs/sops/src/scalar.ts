import { withoutTrailing } from "@leat/text";
import { decimal, maxNumberLength, type Plain, plainText } from "./plain.ts";

const nulls = new Set(["", "~", "null", "Null", "NULL"]);
const truths = new Set(["true", "True", "TRUE"]);
const falsehoods = new Set(["false", "False", "FALSE"]);
const infinities = /^[-+]?\.(?:inf|Inf|INF)$/;
const floats = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const times =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt ]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(\.[0-9]+)?(|Z|[-+][0-9]{2}:[0-9]{2}))?$/;

/** What a plain scalar of YAML or JSON means to sops, which reads with Go's YAML library. */
export function readScalar(text: string): Plain {
  if (nulls.has(text)) return { type: "null", bytes: Buffer.alloc(0) };
  if (truths.has(text)) return { type: "bool", bytes: Buffer.from("True") };
  if (falsehoods.has(text)) return { type: "bool", bytes: Buffer.from("False") };
  if (text.length > maxNumberLength) return plainText(text);
  const integer = readInteger(text.replaceAll("_", ""));
  if (integer !== undefined) return { type: "int", bytes: Buffer.from(String(integer)) };
  if (floats.test(text.replaceAll("_", ""))) return float(text.replaceAll("_", ""));
  if (infinities.test(text)) return float(text.startsWith("-") ? "-Infinity" : "Infinity");
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return float("NaN");
  const time = readTime(text);
  return time === undefined ? plainText(text) : { type: "time", bytes: Buffer.from(time) };
}

function float(text: string): Plain {
  return { type: "float", bytes: Buffer.from(decimal(text)) };
}

/** Only what fits into 64 bits is an integer. */
function readInteger(text: string): bigint | undefined {
  const match = /^([-+]?)(0x[0-9a-f]+|0b[01]+|0o?[0-7]+|0|[1-9][0-9]*)$/i.exec(text);
  if (!match) return undefined;
  const [, sign, digits = ""] = match;
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase());
  const value = sign === "-" ? -magnitude : magnitude;
  return value < -(2n ** 63n) || value >= 2n ** 63n ? undefined : value;
}

/** RFC 3339, as Go writes it. */
function readTime(text: string): string | undefined {
  const match = times.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", zone = ""] = match;
  const date = [year, padded(month), padded(day)].join("-");
  if (hour === undefined) return `${date}T00:00:00Z`;
  const time = [hour, minute, second].map(padded).join(":");
  const short = withoutTrailing(withoutTrailing(fraction, "0"), ".");
  return `${date}T${time}${short}${/^(?:|[-+]00:00)$/.test(zone) ? "Z" : zone}`;
}

function padded(digits = ""): string {
  return digits.padStart(2, "0");
}

import { isUtf8 } from "node:buffer";
import { compileGlob, type GlobMatch } from "@leat/text";
import { checkLength } from "./budget.ts";
import type { Operator } from "./parse.ts";
import { Rejection } from "./rejection.ts";

/** What an operator makes of a value. */
type Operation = (value: string, operands: readonly string[], variable: string) => string;

export const operations: Readonly<Record<Operator, Operation>> = {
  "": asItIs,
  length: (value) => String(Buffer.byteLength(value)),
  default: (value, operands) => (value === "" ? operands.join("") : value),
  substring: (value, [offset = "", length], variable) => substring({ value, offset, length, variable }),
  "^": (value) => ofFirst(value, upper),
  "^^": (value) => ofEach(value, upper),
  ",": (value) => ofFirst(value, lower),
  ",,": (value) => ofEach(value, lower),
  "^,": asItIs,
  ",^": asItIs,
  "#": (value, [pattern = ""]) => withoutStart(value, pattern, false),
  "##": (value, [pattern = ""]) => withoutStart(value, pattern, true),
  "%": (value, [pattern = ""]) => withoutEnd(value, pattern, false),
  "%%": (value, [pattern = ""]) => withoutEnd(value, pattern, true),
  "/": (value, [search = "", instead = ""]) => value.replace(search, () => instead),
  "//": (value, [search = "", instead = ""]) => replaceAll(value, search, instead),
  "/#": (value, [search = "", instead]) =>
    instead !== undefined && value.startsWith(search) ? instead + value.slice(search.length) : value,
  "/%": (value, [search = "", instead]) =>
    instead !== undefined && value.endsWith(search) ? value.slice(0, value.length - search.length) + instead : value,
};

function asItIs(value: string): string {
  return value;
}

interface Substring {
  value: string;
  offset: string;
  length: string | undefined;
  variable: string;
}

/** Offset and length count bytes; a negative offset counts from the end. What is not a number leaves the value as it is. */
function substring({ value, offset, length, variable }: Substring): string {
  const bytes = Buffer.from(value);
  const start = integerOf(offset);
  const count = length === undefined ? bytes.length : integerOf(length);
  if (start === undefined || count === undefined) return value;
  if (count < 0) throw new Rejection(`negative length in the expression \${${variable}:`);
  const from = start < 0 ? Math.max(0, bytes.length + start) : start;
  const part = bytes.subarray(from, from + count);
  if (!isUtf8(part)) {
    throw new Rejection(`the expression \${${variable}: cuts a multi-byte character: offsets are in bytes`);
  }
  return part.toString();
}

function integerOf(text: string): number | undefined {
  const number = /^[-+]?[0-9]+$/.test(text) ? Number(text) : undefined;
  return number !== undefined && Math.abs(number) < 2 ** 63 ? number : undefined;
}

function ofFirst(value: string, convert: (character: string) => string): string {
  const [first = ""] = value;
  return convert(first) + value.slice(first.length);
}

function ofEach(value: string, convert: (character: string) => string): string {
  return Array.from(value, convert).join("");
}

/** A character stays one: the two letters that `ß` is in capitals are none. */
function upper(character: string): string {
  const converted = character.toUpperCase();
  return Array.from(converted).length === 1 ? converted : character;
}

function lower(character: string): string {
  const [converted = ""] = character.toLowerCase();
  return converted;
}

function withoutStart(value: string, pattern: string, longest: boolean): string {
  const characters = Array.from(value);
  return characters.slice(matchedLength(pattern, characters, { from: "start", longest })).join("");
}

function withoutEnd(value: string, pattern: string, longest: boolean): string {
  const characters = Array.from(value);
  const length = matchedLength(pattern, characters, { from: "end", longest });
  return characters.slice(0, characters.length - length).join("");
}

/** A malformed pattern matches nothing. */
function matchedLength(pattern: string, characters: readonly string[], match: GlobMatch): number {
  return compileGlob(pattern)?.matchedLength(characters, match) ?? 0;
}

/** An empty `search`, possible if it is a variable, is found around every character. */
function replaceAll(value: string, search: string, instead: string): string {
  const count = search === "" ? Array.from(value).length + 1 : occurrences(value, search);
  checkLength(value.length + count * (instead.length - search.length));
  if (search !== "") return value.split(search).join(instead);
  return instead + Array.from(value, (character) => character + instead).join("");
}

function occurrences(value: string, search: string): number {
  let count = 0;
  for (let at = value.indexOf(search); at >= 0; at = value.indexOf(search, at + search.length)) count += 1;
  return count;
}

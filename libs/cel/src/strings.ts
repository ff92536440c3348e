import type { Environment } from "@marcbachmann/cel-js";
import { format } from "./format.ts";
import { addNamespace } from "./namespace.ts";
import { patternOf } from "./regex.ts";
import { wrong } from "./wrong.ts";

/** What cel-go's extension for strings has and the library lacks. Characters are code points. */
export function addStrings(environment: Environment): void {
  const sync = { async: false };
  environment
    .registerFunction("string.charAt(int): string", charAt, sync)
    .registerFunction("string.replace(string, string): string", replace, sync)
    .registerFunction("string.replace(string, string, int): string", replace, sync)
    .registerFunction("string.reverse(): string", (text: string) => charactersOf(text).toReversed().join(""), sync)
    .registerFunction("string.format(list): string", format, sync)
    .registerFunction("matches(string, string): bool", (text: string, regex: string) => patternOf(regex)(text), sync);
  addNamespace(environment, "strings", { "quote(string): string": quote });
}

function charactersOf(text: string): string[] {
  return Array.from(text);
}

function charAt(text: string, index: bigint): string {
  const characters = charactersOf(text);
  if (index < 0 || index > characters.length) throw wrong("index_out_of_range");
  return characters[Number(index)] ?? "";
}

/** @param most how often, all where it is negative */
function replace(text: string, before: string, after: string, most = -1n): string {
  const parts = before === "" ? ["", ...charactersOf(text), ""] : text.split(before);
  const gaps = most < 0n ? parts.length - 1 : Math.min(Number(most), parts.length - 1);
  const last = parts.slice(gaps).join(before);
  return [...parts.slice(0, gaps), last].join(after);
}

const escapes: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quote(text: string): string {
  return `"${charactersOf(text.toWellFormed())
    .map((character) => escapes[character] ?? character)
    .join("")}"`;
}

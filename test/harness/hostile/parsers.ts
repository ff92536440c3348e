import { ignoreRules } from "@leat/artifact";
import { compile, createWork } from "@leat/cel";
import { expand } from "@leat/envsubst";
import { parseRange, parseVersion } from "@leat/semver";
import { decrypt, type Format } from "@leat/sops";
import { turns } from "@leat/text";
import { parseYamlDocuments, stringifyManifestInTurns } from "@leat/yaml";

/** A parser of text that tenants write. */
export interface Parser {
  name: string;
  /** Of its grammar. */
  fragments: readonly string[];
  /** Bytes of the largest text that is tried: more than its limit, if it has one. */
  maxSize: number;
  parse: (text: string, signal: AbortSignal) => unknown;
}

const values: Record<string, string> = { long: "a".repeat(99_000), empty: "", x: "1" };
const paths = Array.from({ length: 500 }, (_, index) => ({ path: `app/${"a".repeat(index % 250)}/b.yaml` }));
const whitespace = [" ", "\n", "\t", "a", "1"];

export const parsers: readonly Parser[] = [
  {
    name: "ignore rules",
    fragments: ["*", "a", "?", "[a-z]", "[^", "\\", "/", "**", " ", "\n", "!", "#"],
    maxSize: 1024 * 1024,
    parse: (text, signal) => ignoreRules([{ directory: "", text }]).included(paths, "files", signal),
  },
  {
    name: "version ranges",
    fragments: ["1", ".", "x", " ", "-", "||", ">=", "^", ",", "a", "+"],
    maxSize: 1024 * 1024,
    parse: (text) => parseRange(text),
  },
  {
    name: "versions",
    fragments: ["1", ".", "v", "-", "a", "+", "0"],
    maxSize: 1024 * 1024,
    parse: (text) => parseVersion(text),
  },
  {
    name: "variables",
    fragments: ["${long##*a*b}", "${long//a/bb}", "${x:=", "}", "$", "$$", "${empty", "/", "\\", ":", "a", "*"],
    maxSize: 1024 * 1024,
    parse: (text) => expand(text, (name) => values[name]),
  },
  {
    name: "CEL",
    fragments: [
      "(",
      ")",
      "[1]",
      ".map(x, x)",
      "||",
      "true",
      "!",
      "'a'",
      ".matches('(a*)*')",
      "dep",
      ".",
      "1",
      "?",
      ":",
    ],
    maxSize: 64 * 1024,
    parse: async (text, signal) => {
      const compiled = await compile(text, { variables: ["dep"], work: createWork(signal) });
      return compiled.kind === "compiled" ? compiled.expression.evaluate({ dep: {} }) : undefined;
    },
  },
  {
    name: "YAML",
    fragments: [
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      ": ",
      "- ",
      "? ",
      "&a ",
      "*a ",
      "|\n",
      "'",
      '"',
      "#",
      "---\n",
      ...whitespace,
    ],
    maxSize: 4 * 1024 * 1024,
    parse: (text) => parseYamlDocuments(text, "file.yaml"),
  },
  {
    name: "YAML that is written",
    fragments: ["[", "]", '{"a":', "}", ",", "1", '"a"', '"\\n"', '" "', '"- "', ...whitespace],
    maxSize: 3 * 1024 * 1024,
    parse: (text, signal) => stringifyManifestInTurns(jsonIn(text), turns(signal)),
  },
  encrypted("yaml", (text) => `${text}\nsops:\n  mac: ENC[AES256_GCM,data:x]\n`, [
    "[",
    "]",
    "- ",
    ": ",
    "#",
    "&a ",
    '"',
    "|\n",
  ]),
  encrypted("ini", (text) => `[sops]\nmac = ENC[AES256_GCM,data:x]\n[a]\n${text}`, [
    "[",
    "]",
    "=",
    ":",
    ";",
    '"""',
    "`",
  ]),
  encrypted("dotenv", (text) => `sops_mac=ENC[AES256_GCM,data:x]\n${text}`, [
    "sops_",
    "__map_",
    "__list_",
    "=",
    "#",
    "\\n",
  ]),
];

/** The engine's own parser blocks the event loop for longer texts. */
const maxJson = 512 * 1024;

/** Most mixtures are none. */
function jsonIn(text: string): unknown {
  try {
    return text.length > maxJson ? [text] : JSON.parse(text);
  } catch {
    return text.split("\n").slice(0, 50_000);
  }
}

function encrypted(as: Format, withMetadata: (text: string) => string, fragments: readonly string[]): Parser {
  const keys = { digest: "", decrypters: new Map() };
  return {
    name: `files encrypted with SOPS: ${as}`,
    fragments: [...fragments, "ENC[AES256_GCM,data:x]", ...whitespace],
    maxSize: 4 * 1024 * 1024,
    parse: (text, signal) => decrypt({ name: "file", content: Buffer.from(withMetadata(text)), as, keys, signal }),
  };
}

import { isUtf8 } from "node:buffer";
import { jsonForYaml } from "@leat/json";
import { Scalar, type ScalarTag } from "yaml";
import { type Plain, plainText } from "./plain.ts";
import { readScalar } from "./scalar.ts";

/** A value that was put into a document: it is written as it is here, whatever else the document holds. */
export class Decrypted {
  readonly plain: Plain;
  constructor(plain: Plain) {
    this.plain = plain;
  }
}

export const decryptedTag: ScalarTag = {
  tag: "tag:leat.dev,2026:decrypted",
  default: true,
  resolve: (text) => text,
  identify: (value) => value instanceof Decrypted,
  stringify: ({ value }) => (value instanceof Decrypted ? yamlOf(value.plain) : String(value)),
};

/** What a scalar means to sops. */
export function plainIn({ value, type, tag, source }: Scalar): Plain {
  if (value instanceof Decrypted) return value.plain;
  if (value instanceof Uint8Array) return { type: "str", bytes: Buffer.from(value) };
  const isText = type !== Scalar.PLAIN || tag === "tag:yaml.org,2002:str" || tag === "!";
  return isText ? plainText(String(value)) : readScalar(source ?? String(value));
}

/** JSON that every reader of YAML takes for the same. */
export function jsonOf({ type, bytes }: Plain): string {
  const text = bytes.toString();
  if (type === "null") return "null";
  if (type === "bool") return text.toLowerCase();
  if (type === "int") return text;
  if (type === "float" && /[0-9]$/.test(text)) return text === "-0" ? text : String(Number(text));
  return jsonForYaml(text);
}

function yamlOf(plain: Plain): string {
  const { type, bytes } = plain;
  if (type === "str" && !isUtf8(bytes)) return `!!binary ${bytes.toString("base64")}`;
  const infinite = type === "float" && /^([-+]?)(Inf|NaN)$/.exec(bytes.toString());
  return infinite ? `${infinite[1]}.${infinite[2]?.toLowerCase()}`.replace("+", "") : jsonOf(plain);
}

import { Fault } from "@leat/api";
import { isJsonObject } from "@leat/http";
import { parseYaml } from "@leat/yaml";
import type { NamedText } from "./key-decrypter.ts";
import { Rejection } from "./rejection.ts";

/** Reads a field that must be there. */
export interface Credentials {
  (field: string): string;
  /** `undefined` where it is absent or empty. */
  optional: (field: string) => string | undefined;
}

/**
 * Credentials as YAML or JSON.
 *
 * @throws Rejection, which names the entry and the field, and nothing of what is there
 */
export function credentialsIn([name, text]: NamedText): Credentials {
  const fields = read(name, text);
  const optional = (field: string) => {
    const value = fields[field];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const needed = (field: string) => {
    const value = optional(field);
    if (value === undefined) throw new Rejection(`${name} has no ${field}`);
    return value;
  };
  return Object.assign(needed, { optional });
}

function read(name: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const fields = parseYaml(text, name);
    if (isJsonObject(fields)) return fields;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // The cause may name what it read.
  }
  throw new Rejection(`${name} must contain credentials as YAML or JSON`);
}

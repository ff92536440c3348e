/** What a JSON object, or a mapping of YAML, is read as before its fields are checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value where it is text, else "". */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

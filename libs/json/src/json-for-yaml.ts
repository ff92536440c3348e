/** To some readers of YAML these end a line or are not permitted, to others they are text like any other. */
const ambiguous = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** JSON that every reader of YAML understands in the same way, as a reader of JSON does. */
export function jsonForYaml(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    ambiguous,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

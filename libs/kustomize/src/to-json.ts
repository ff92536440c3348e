/** To kustomize's YAML reader these end a line or are not permitted, to ours they are text like any other. */
const ambiguous = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

/** JSON that every reader of YAML understands in the same way. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    ambiguous,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

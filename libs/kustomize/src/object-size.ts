import { LimitExceeded } from "@leat/api";

/** Characters of JSON: an API server reads no larger request. */
const maxLength = 3 * 1024 * 1024;

/** Values of an object, each of which costs some 1 µs. CustomResourceDefinitions of a megabyte have some 30,000. */
const maxValues = 60_000;

/** Collections within collections. */
const maxDepth = 500;

/**
 * Checks an object before its JSON is parsed.
 *
 * @throws LimitExceeded
 */
export function checkJsonLength(json: string): void {
  if (json.length <= maxLength) return;
  throw new LimitExceeded(`${whatIsIn(json)} of ${json.length} characters`, `${maxLength} characters`);
}

/**
 * Checks an object before it is compared, sorted and written.
 *
 * @param name of the object, for the message
 * @throws LimitExceeded
 */
export function checkObjectSize(object: object, name: string): void {
  let values = 0;
  const count = (value: unknown, depth: number): void => {
    values += 1;
    if (values > maxValues)
      throw new LimitExceeded(`${name} with more than ${maxValues} values`, `${maxValues} values`);
    if (typeof value !== "object" || value === null) return;
    if (depth > maxDepth) throw new LimitExceeded(`${name} with more than ${maxDepth} levels`, `${maxDepth} levels`);
    for (const member of Object.values(value)) count(member, depth + 1);
  };
  count(object, 1);
}

const origin = '"config.kubernetes.io/origin":"';

/** With the file that declares the object, in the words of kustomize. */
function whatIsIn(json: string): string {
  const at = json.lastIndexOf(origin);
  if (at < 0) return "an object";
  const [words = ""] = json.slice(at + origin.length, at + origin.length + maxOrigin).split(/[\\"]/, 1);
  return `an object (${words})`;
}

const maxOrigin = 300;

import { placeOf } from "@leat/apply";
import { expand } from "@leat/envsubst";
import type { BuiltObject, RetypedField } from "@leat/kustomize";

/** Fields of an object that were text before the values of variables were put in, and are not since. */
export function retypedFields(before: unknown, after: unknown, name = ""): RetypedField[] {
  if (typeof before === "string") {
    const expanded = typeof after === "string" ? undefined : expand(before, () => "x");
    const [variable] = expanded?.kind === "expanded" ? expanded.expansions.flatMap(({ variables }) => variables) : [];
    return variable === undefined ? [] : [{ name, variable }];
  }
  if (typeof before !== "object" || before === null || typeof after !== "object" || after === null) return [];
  return Object.entries(before).flatMap(([key, member]) =>
    retypedFields(member, (after as Record<string, unknown>)[key], Array.isArray(before) ? name : key),
  );
}

/** The API server's words about a field that must be text, with the variable that has made it something else. */
export function explainRetyped(message: string, objects: readonly BuiltObject[]): string {
  const expected = message.indexOf(": expected string, got ");
  if (expected < 0) return message;
  const { retyped = [] } = objects.find((built) => message.startsWith(`${placeOf(built)}: `)) ?? {};
  const field = retyped.find(({ name }) => message.slice(0, expected).endsWith(name));
  return field === undefined
    ? message
    : `${message}; it comes from variable ${field.variable}: to stay text, ${quotesAdvice(field.variable)}`;
}

/** What makes the value of a variable stay text. */
export function quotesAdvice(variable: string): string {
  return `a value needs quotes of its own, as in ${variable}: '"text"'`;
}

import { Fault, type KubeObject, Kustomization, LimitExceeded, objectPolicyKey, ObjectPolicyValue } from "@leat/api";
import { placeOf } from "@leat/apply";
import { type Budget, createBudget, type Expanded, expand, type Expansion } from "@leat/envsubst";
import { type BuiltObject, builtObject } from "@leat/kustomize";
import { parseYamlDocuments, stringifyManifest } from "@leat/yaml";
import { quotesAdvice, retypedFields } from "./retyped.ts";
import type { Variables } from "./variables.ts";

export interface Substitution {
  variables: Variables;
  /** What a variable counts as that is not set and has no default; where nothing is said, it is an error. See `expand`. */
  unset?: "" | null | undefined;
  /** What expanding this object may cost; by default what one object may. */
  budget?: Budget;
}

export type Substituted =
  | { kind: "object"; built: BuiltObject }
  /** Names the object, its file and the variable, and no value. */
  | { kind: "rejected"; message: string };

const policyKey = objectPolicyKey(Kustomization.group, "substitute");

/** Whether variables in an object are to be looked for at all. */
export function mayBeSubstituted({ object: { metadata } }: BuiltObject): boolean {
  const { labels, annotations } = metadata;
  return [labels, annotations].every((entries) => entries?.[policyKey] !== ObjectPolicyValue.disabled);
}

/**
 * Puts the values of variables into an object: into its text as YAML, which is then read again. So a value that stands for
 * itself becomes a number where it looks like one, and one within quotes stays text.
 *
 * @throws LimitExceeded
 */
export function substitute(built: BuiltObject, { variables, unset, budget }: Substitution): Substituted {
  if (!mayBeSubstituted(built) || !mentionsVariables(built.object)) return { kind: "object", built };
  const template = stringifyManifest(built.object);
  const valueOf = (name: string) => (variables.has(name) ? (variables.get(name)?.value ?? "") : unset);
  const rejected = (words: string): Substituted => ({ kind: "rejected", message: `${placeOf(built)}: ${words}` });
  const expanded = expandObject(built, template, valueOf, budget);
  if (expanded.kind === "rejected") return rejected(expanded.message);
  const used = namesIn(expanded.expansions);
  const binary = used.find((name) => variables.has(name) && variables.get(name)?.value === undefined);
  if (binary !== undefined)
    return rejected(`variable ${binary} from ${variables.get(binary)?.from} is not valid UTF-8`);
  const object = read(expanded.text);
  if (typeof object === "string") return rejected(blame(object, culprits(template, used, valueOf), variables));
  const { digest: _, object: before, secrets: known = [], ...rest } = built;
  const secrets = [...known, ...secretsIn(expanded.expansions, variables)];
  const retyped = retypedFields(before, object);
  const more = { ...rest, ...(secrets.length > 0 && { secrets }), ...(retyped.length > 0 && { retyped }) };
  return { kind: "object", built: builtObject(object, more) };
}

function expandObject(built: BuiltObject, template: string, valueOf: ValueOf, budget: Budget | undefined): Expanded {
  try {
    return expand(template, valueOf, budget);
  } catch (error) {
    throw error instanceof LimitExceeded ? error.of(`${placeOf(built)}:`) : error;
  }
}

type ValueOf = Parameters<typeof expand>[1];

/** Without these an object's text is what it was. */
function mentionsVariables(object: KubeObject): boolean {
  const text = JSON.stringify(object);
  return text.includes("${") || text.includes("$$");
}

function namesIn(expansions: readonly Expansion[]): string[] {
  return [...new Set(expansions.flatMap(({ variables }) => variables))];
}

/** What must not be told: the values of Secrets, and what became of them. */
function secretsIn(expansions: readonly Expansion[], variables: Variables): string[] {
  const secrets = expansions.flatMap(({ variables: names, text }) => {
    const values = names.map((name) => variables.get(name)).filter((variable) => variable?.isSecret === true);
    return values.length === 0 ? [] : [text, ...values.map((variable) => variable?.value ?? ""), ...readingsOf(text)];
  });
  return [...new Set(secrets)].filter((secret) => secret !== "");
}

/** What YAML makes of a text that stands for itself: `012345` is a number that is written otherwise, and others are lists. */
function readingsOf(text: string): string[] {
  return textsIn(documentIn(text));
}

function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value === "string") return [value];
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...textsIn(part)]);
}

/** The object in a text, or what is wrong with the text. The reader's own words may hold values. */
function read(text: string): KubeObject | string {
  const document = documentIn(text);
  if (typeof document !== "object" || document === null || Array.isArray(document)) return "invalid YAML";
  const { apiVersion, kind, metadata } = document as Partial<KubeObject>;
  for (const [field, value] of Object.entries({ apiVersion, kind, "metadata.name": metadata?.name })) {
    if (typeof value !== "string" || value === "") return `an object without ${field}`;
  }
  return document as KubeObject;
}

function documentIn(text: string): unknown {
  try {
    // As Kubernetes' own tools read: the first document, and of two keys that have become the same the last.
    return parseYamlDocuments(text, "", { duplicateKeys: "last" })[0];
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** Characters that may be read again to find out which variable it was. */
const patience = 500_000;

/** The variables whose value or default breaks the text also where all others are harmless; all where that says nothing. */
function culprits(template: string, used: readonly string[], valueOf: ValueOf): readonly string[] {
  const budget = createBudget().forText();
  let left = patience;
  const guilty = used.filter((suspect) => {
    if (left < 0) return false;
    const text = expandOnce(template, (name) => (name === suspect ? valueOf(name) : "x"), budget);
    left -= text?.length ?? patience;
    return left >= 0 && (text === undefined || typeof read(text) === "string");
  });
  return left >= 0 && guilty.length > 0 ? guilty : used;
}

/** The expanded text, empty if it is invalid; `undefined` if that costs too much. */
function expandOnce(template: string, valueOf: ValueOf, budget: Budget): string | undefined {
  try {
    const expanded = expand(template, valueOf, budget);
    return expanded.kind === "expanded" ? expanded.text : "";
  } catch (error) {
    if (error instanceof LimitExceeded) return undefined;
    throw error;
  }
}

const mostNamed = 5;

/** The manifest's own quotes are of no use: kustomize leaves out those that its text does not need before substitution. */
function blame(what: string, names: readonly string[], variables: Variables): string {
  const set = names.filter((name) => variables.has(name));
  const guilty = set.length > 0 ? set : names;
  const named = guilty.slice(0, mostNamed).join(", ") + (guilty.length > mostNamed ? ", …" : "");
  const culprit = `${set.length > 0 ? "" : "the default of "}variable${guilty.length === 1 ? "" : "s"} ${named}`;
  return `substituting ${culprit} produces ${what}; ${quotesAdvice(guilty[0] ?? "")}`;
}

import { Fault, type KubeObject, Kustomization, LimitExceeded, objectPolicyKey, ObjectPolicyValue } from "@leat/api";
import { placeOf } from "@leat/apply";
import { type Budget, createBudget, expand, type Expansion } from "@leat/envsubst";
import { type BuiltObject, builtObject } from "@leat/kustomize";
import { parseYamlDocuments, stringifyManifestInTurns } from "@leat/yaml";
import { quotesAdvice, retypedFields } from "./retyped.ts";
import type { Variables } from "./variables.ts";

export interface Substitution {
  variables: Variables;
  /** What a variable counts as that is not set and has no default; where nothing is said, it is an error. See `expand`. */
  unset?: "" | null | undefined;
  /** What expanding this object may cost; by default what one object may. */
  budget?: Budget;
  /** Yields to other work where it is time to. */
  turn: () => Promise<void>;
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
export async function substitute(built: BuiltObject, substitution: Substitution): Promise<Substituted> {
  if (!mayBeSubstituted(built) || !mentionsVariables(built.object)) return { kind: "object", built };
  try {
    return await substituteIn(built, substitution);
  } catch (error) {
    throw error instanceof LimitExceeded ? error.of(`${placeOf(built)}:`) : error;
  }
}

async function substituteIn(built: BuiltObject, substitution: Substitution): Promise<Substituted> {
  const { variables, unset, budget, turn } = substitution;
  await turn();
  const template = await stringifyManifestInTurns(built.object, turn);
  await turn();
  const valueOf = (name: string) => (variables.has(name) ? (variables.get(name)?.value ?? "") : unset);
  const rejected = (words: string): Substituted => ({ kind: "rejected", message: `${placeOf(built)}: ${words}` });
  const expanded = expand(template, valueOf, budget);
  if (expanded.kind === "rejected") return rejected(expanded.message);
  const used = namesIn(expanded.expansions);
  const binary = used.find((name) => variables.has(name) && variables.get(name)?.value === undefined);
  if (binary !== undefined)
    return rejected(`variable ${binary} from ${variables.get(binary)?.from} is not valid UTF-8`);
  await turn();
  const object = read(expanded.text);
  await turn();
  if (typeof object === "string") {
    const guilty = await culprits({ template, used, valueOf, turn });
    return rejected(blame(object, guilty, variables));
  }
  const { digest: _, object: before, secrets: known = [], ...rest } = built;
  const secrets = [...known, ...(await secretsIn(expanded.expansions, variables, turn))];
  await turn();
  const retyped = retypedFields(before, object);
  await turn();
  const more = { ...rest, ...(secrets.length > 0 && { secrets }), ...(retyped.length > 0 && { retyped }) };
  return { kind: "object", built: builtObject(object, more) };
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
async function secretsIn(
  expansions: readonly Expansion[],
  variables: Variables,
  turn: Substitution["turn"],
): Promise<string[]> {
  const secrets = new Set<string>();
  const seen = new Set<string>();
  for (const { variables: names, text } of expansions) {
    const values = names.map((name) => variables.get(name)).filter((variable) => variable?.isSecret === true);
    for (const variable of values) secrets.add(variable?.value ?? "");
    if (values.length === 0 || seen.has(text)) continue;
    seen.add(text);
    for (const secret of [text, ...readingsOf(text)]) secrets.add(secret);
    await turn();
  }
  secrets.delete("");
  return [...secrets];
}

/** What YAML makes of a text that stands for itself: `012345` is a number that is written otherwise, and others are lists. */
function readingsOf(text: string): string[] {
  try {
    return textsIn(documentIn(text));
  } catch (error) {
    // As part of the object it exceeds the limit, too, or is text.
    if (error instanceof LimitExceeded) return [];
    throw error;
  }
}

function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value === "string") return [value];
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...textsIn(part)]);
}

/**
 * The object in a text, or what is wrong with the text. The reader's own words may hold values.
 *
 * @throws LimitExceeded
 */
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
    return parseYamlDocuments(text, "the result of variable substitution", { duplicateKeys: "last" })[0];
  } catch (error) {
    if (error instanceof Fault && !(error instanceof LimitExceeded)) return undefined;
    throw error;
  }
}

/** Characters that may be read again to find out which variable it was. */
const patience = 500_000;

/** The variables whose value or default breaks the text also where all others are harmless; all where that says nothing. */
async function culprits({ template, used, valueOf, turn }: Suspects): Promise<readonly string[]> {
  const budget = createBudget().forText();
  const guilty: string[] = [];
  let left = patience;
  for (const suspect of used) {
    const text = expandOnce(template, (name) => (name === suspect ? valueOf(name) : "x"), budget);
    left -= text?.length ?? patience + 1;
    if (text === undefined || left < 0) return used;
    if (typeof read(text) === "string") guilty.push(suspect);
    await turn();
  }
  return guilty.length > 0 ? guilty : used;
}

interface Suspects extends Pick<Substitution, "turn"> {
  template: string;
  used: readonly string[];
  valueOf: ValueOf;
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

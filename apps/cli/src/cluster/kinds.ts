import {
  type GroupKind,
  isSameKind,
  kinds,
  type KubeObject,
  type ObjectReference,
  type ResourceDefinition,
} from "@leat/api";
import { suggestion, UsageError } from "@leat/controller";

/** What another object is found by. */
export type Reference = Omit<ObjectReference, "role">;

const familyPrefix = "fluxcd-";

/** Words for several kinds: `all`, and `sources` for the category `fluxcd-sources`. */
export const families: ReadonlyMap<string, readonly ResourceDefinition[]> = new Map([
  ...Map.groupBy(kinds, familyOf),
  ["all", kinds],
]);

/** The kinds and names that a command line asks for; all objects of the kinds where there are no names. */
export interface Target {
  kinds: readonly ResourceDefinition[];
  names: readonly string[];
}

/**
 * Reads `ks`, `ks apps infra`, `ks/apps`, `source git podinfo`, `sources`, `all`.
 *
 * @throws UsageError for a kind that does not exist, with the ones that do
 */
export function targetOf(words: readonly string[]): Target {
  const split = words.flatMap((word, index) => (index === 0 ? word.split("/") : [word]));
  for (const count of [2, 1]) {
    const found = kindsNamed(split.slice(0, count).join(" "));
    if (found.length > 0) return checked({ kinds: found, names: split.slice(count) });
  }
  throw unknownKind(split[0] ?? "");
}

/**
 * Reads what names one object: `ks/apps`, `ks apps`, `source git podinfo`.
 *
 * @throws UsageError where it names none or several
 */
export function objectOf(words: readonly string[]): { kind: ResourceDefinition; name: string } {
  const { kinds: found, names } = targetOf(words);
  const [kind, ...otherKinds] = found;
  const [only, ...otherNames] = names;
  if (kind === undefined || only === undefined || otherKinds.length + otherNames.length > 0)
    throw new UsageError("name one object as KIND/NAME or KIND NAME, such as kustomization/apps");
  return { kind, name: only };
}

/** The source of an object; `undefined` where it has none. */
export function sourceOf(kind: ResourceDefinition, object: KubeObject): Reference | undefined {
  return kind.referencesOf(object).find(({ role }) => role === "source");
}

/** What must be ready before an object. */
export function dependenciesOf(kind: ResourceDefinition, object: KubeObject): Reference[] {
  return kind.referencesOf(object).filter(({ role }) => role === "dependency");
}

/** The definition of a kind; `undefined` if there is none. */
export function definitionOf(wanted: GroupKind): ResourceDefinition | undefined {
  return kinds.find((kind) => isSameKind(kind, wanted));
}

/** All that a kind may be called. */
export function wordsFor(definition: ResourceDefinition): string[] {
  const { plural, kind, shortNames, group, cliName } = definition;
  const family = familyOf(definition);
  const ofFamily =
    cliName === undefined ? [] : [`${family.replace(/s$/, "")} ${cliName}`, `${family} ${cliName}`, cliName];
  return [kind.toLowerCase(), plural, ...shortNames, ...ofFamily, `${plural}.${group}`];
}

/** `sources` for a kind of the category `fluxcd-sources`; without a category of its own, its plural. */
function familyOf({ categories, plural }: ResourceDefinition): string {
  const category = categories.find((name) => name.startsWith(familyPrefix));
  return category?.slice(familyPrefix.length) ?? plural;
}

/** What applies objects, as a Kustomization does. */
export function isApplier({ categories }: ResourceDefinition): boolean {
  return categories.includes(`${familyPrefix}appliers`);
}

function kindsNamed(word: string): readonly ResourceDefinition[] {
  const lower = word.toLowerCase();
  return families.get(lower.replace(/ all$/, "")) ?? kinds.filter((kind) => wordsFor(kind).includes(lower));
}

function checked(target: Target): Target {
  if (target.kinds.length > 1 && target.names.length > 0)
    throw new UsageError("names need one kind, such as kustomization");
  return target;
}

function unknownKind(word: string): UsageError {
  const words = [...families.keys(), ...kinds.flatMap(wordsFor)];
  const known = kinds.map(({ plural, shortNames }) => `${plural} (${shortNames.join(", ")})`);
  const others = [...families.keys()].join(", ");
  return new UsageError(
    `unknown kind ${JSON.stringify(word)}${suggestion(word, words) || "."} The kinds are: ${known.join(", ")}; also: ${others}`,
  );
}

import {
  GitRepository,
  type KubeObject,
  Kustomization,
  type ObjectReference,
  type ResourceDefinition,
} from "@leat/api";
import { suggestion, UsageError } from "@leat/controller";
import { ageColumn, type Column, message, name, ready, revision, suspended, textAt } from "../terminal/columns.ts";

/** What another object is found by. */
export type Reference = Omit<ObjectReference, "role">;

/** A kind, as the commands know it. */
export interface CliKind {
  definition: ResourceDefinition;
  /** The word for several kinds that it is one of. */
  family: "sources" | "appliers";
  /** Written in place of its names; may be of two words. */
  aliases: readonly string[];
  columns: readonly Column[];
}

const gitRepositories: CliKind = {
  definition: GitRepository,
  family: "sources",
  aliases: ["source git", "sources git", "git"],
  columns: [
    name,
    { header: "URL", cell: (object) => textAt(object, "spec", "url"), wide: true },
    revision("status", "artifact", "revision"),
    suspended,
    ready,
    ageColumn,
    message,
  ],
};

const kustomizations: CliKind = {
  definition: Kustomization,
  family: "appliers",
  aliases: [],
  columns: [
    name,
    { header: "SOURCE", cell: (object) => nameOf(sourceOf(kustomizations, object)), wide: true },
    { header: "PATH", cell: (object) => textAt(object, "spec", "path"), wide: true },
    revision("status", "lastAppliedRevision"),
    suspended,
    ready,
    ageColumn,
    message,
  ],
};

/** Every kind that the commands know, in the order in which what is declared flows through them. */
export const kinds: readonly CliKind[] = [gitRepositories, kustomizations];

/** Words for several kinds. */
const families: Readonly<Record<string, readonly CliKind[]>> = {
  all: kinds,
  sources: kinds.filter(({ family }) => family === "sources"),
  "sources all": kinds.filter(({ family }) => family === "sources"),
};

/** The kinds and names that a command line asks for; all objects of the kinds where there are no names. */
export interface Target {
  kinds: readonly CliKind[];
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
export function objectOf(words: readonly string[]): { kind: CliKind; name: string } {
  const { kinds: found, names } = targetOf(words);
  const [kind, ...otherKinds] = found;
  const [only, ...otherNames] = names;
  if (kind === undefined || only === undefined || otherKinds.length + otherNames.length > 0)
    throw new UsageError("name one object, such as kustomization/apps");
  return { kind, name: only };
}

/** The source of an object; `undefined` where it has none. */
export function sourceOf({ definition }: CliKind, object: KubeObject): Reference | undefined {
  return definition.referencesOf(object).find(({ role }) => role === "source");
}

/** What must be ready before an object. */
export function dependenciesOf({ definition }: CliKind, object: KubeObject): Reference[] {
  return definition.referencesOf(object).filter(({ role }) => role === "dependency");
}

/** The kind that objects say they are of. */
export function kindCalled(kind: string): CliKind | undefined {
  return kinds.find(({ definition }) => definition.kind === kind);
}

/** All that a kind may be called. */
export function wordsFor({ definition, aliases }: CliKind): string[] {
  const { plural, kind, shortNames, group } = definition;
  return [kind.toLowerCase(), plural, ...shortNames, ...aliases, `${plural}.${group}`];
}

function kindsNamed(word: string): readonly CliKind[] {
  const lower = word.toLowerCase();
  const family = Object.hasOwn(families, lower) ? families[lower] : undefined;
  return family ?? kinds.filter((kind) => wordsFor(kind).includes(lower));
}

function checked(target: Target): Target {
  if (target.kinds.length > 1 && target.names.length > 0)
    throw new UsageError(`names need one kind, such as ${wordsFor(kustomizations)[0]}`);
  return target;
}

function unknownKind(word: string): UsageError {
  const words = [...Object.keys(families), ...kinds.flatMap(wordsFor)];
  const known = kinds.map((kind) => `${kind.definition.plural} (${kind.definition.shortNames.join(", ")})`);
  return new UsageError(
    `unknown kind ${JSON.stringify(word)}${suggestion(word, words) || "."} The kinds are: ${known.join(", ")}; also: sources, all`,
  );
}

function nameOf(of: Reference | undefined): string {
  return of === undefined ? "" : `${of.kind}/${of.name}`;
}

import type { ReadAs } from "./decryption.ts";
import { elementsOf, type Fields, inside, isMap, type Place, textOf, valueOf } from "./fields.ts";
import { inlineObjects } from "./inline.ts";
import type { KustomizationFile } from "./kustomization-file.ts";
import { Rejection } from "./rejection.ts";

/**
 * What an entry of a kustomization names:
 * `file` a file, `resource` a file of objects or a directory with a kustomization, `component` such a directory.
 */
export interface Reference {
  kind: "file" | "resource" | "component";
  entry: string;
  place: Place;
  /** Where the file may be encrypted: what it is read for. */
  readAs?: ReadAs;
}

const asObjects: ReadAs = { kind: "objects" };

/** Lists of what generates, transforms and validates; their entries are read by `plugins.ts`. */
export const pluginFields = ["generators", "transformers", "validators"] as const;

/**
 * Every file and directory that the fields of a kustomization name, in their order; not those of the plugin lists.
 *
 * @throws Rejection where a field has another shape than kustomize reads, or is one that is never built
 */
export function referencesOf(kustomization: KustomizationFile, file: string): Reference[] {
  const top: Place = { file, field: "" };
  rejectHelm(kustomization, file);
  return [
    ...encrypted(entries(kustomization, "resources", "resource", top), asObjects),
    ...encrypted(entries(kustomization, "bases", "resource", top), asObjects),
    ...entries(kustomization, "components", "component", top),
    ...entries(kustomization, "crds", "file", top),
    ...entries(kustomization, "configurations", "file", top),
    ...strategicMerges(kustomization, "patchesStrategicMerge", top),
    ...encrypted(paths(kustomization, "patches", top), asObjects),
    ...encrypted(paths(kustomization, "patchesJson6902", top), asObjects),
    ...paths(kustomization, "replacements", top),
    ...generated(kustomization, "configMapGenerator", sources, top),
    ...generated(kustomization, "secretGenerator", secretSources, top),
    ...openApi(kustomization, top),
  ];
}

/** Files named by the configuration of a built-in plugin; others name none. */
export function pluginReferencesOf(config: Fields, place: Place): Reference[] {
  const read = pluginReaders.get(String(config["kind"]));
  return read === undefined ? [] : read(config, place);
}

const pluginReaders = new Map<string, (config: Fields, place: Place) => Reference[]>([
  ["PatchTransformer", (config, place) => encrypted(path(config, "path", place), asObjects)],
  ["PatchJson6902Transformer", (config, place) => encrypted(path(config, "path", place), asObjects)],
  ["PatchStrategicMergeTransformer", (config, place) => strategicMerges(config, "paths", place)],
  ["ReplacementTransformer", (config, place) => paths(config, "replacements", place)],
  ["ValueAddTransformer", (config, place) => path(config, "targetFilePath", place)],
  ["ConfigMapGenerator", sources],
  ["SecretGenerator", secretSources],
]);

function rejectHelm(kustomization: KustomizationFile, file: string): void {
  for (const field of ["helmCharts", "helmChartInflationGenerator"]) {
    if (kustomization[field] !== undefined) {
      throw new Rejection(`${file}: ${field} is not supported; use a HelmRelease for the chart instead`);
    }
  }
}

function entries(fields: Fields, name: string, kind: Reference["kind"], place: Place): Reference[] {
  const elements = elementsOf(valueOf(fields, name, place), inside(place, name));
  return elements.map(([element, at]) => ({ kind, entry: textOf(element, at), place: at }));
}

/** Entries that are a patch themselves name nothing. */
function strategicMerges(fields: Fields, name: string, place: Place): Reference[] {
  const files = entries(fields, name, "file", place).filter(
    ({ entry }) => inlineObjects(entry, place.file) === undefined,
  );
  return encrypted(files, asObjects);
}

function paths(fields: Fields, name: string, place: Place): Reference[] {
  return maps(fields, name, place).flatMap(([element, at]) => path(element, "path", at));
}

function path(fields: Fields, name: string, place: Place): Reference[] {
  const value = valueOf(fields, name, place);
  if (value === undefined || value === null || value === "") return [];
  const at = inside(place, name);
  return [{ kind: "file", entry: textOf(value, at), place: at }];
}

function generated(fields: Fields, name: string, read: typeof sources, place: Place): Reference[] {
  return maps(fields, name, place).flatMap(([element, at]) => read(element, at));
}

/** The files of a ConfigMap are never decrypted: that would put secrets where they are not looked for. */
function sources(generator: Fields, place: Place): Reference[] {
  return secretSources(generator, place).map(({ kind, entry, place: at }) => ({ kind, entry, place: at }));
}

function secretSources(generator: Fields, place: Place): Reference[] {
  const envs = [...entries(generator, "envs", "file", place), ...path(generator, "env", place)];
  return [...entries(generator, "files", "file", place).map(fileSource), ...encrypted(envs, { kind: "env" })];
}

/** A file source is `path` or `key=path`; the key tells the format. */
function fileSource(source: Reference): Reference {
  const parts = source.entry.split("=");
  // With more than one `=` kustomize rejects the source.
  const [name = "", entry = name] = parts.length <= 2 ? parts : [source.entry];
  return { ...source, entry, readAs: { kind: "file", name } };
}

function encrypted(references: readonly Reference[], readAs: ReadAs): Reference[] {
  return references.map((reference) => ({ ...reference, readAs }));
}

function openApi(kustomization: KustomizationFile, place: Place): Reference[] {
  const value = kustomization["openapi"];
  // Here kustomize does look at the case of keys.
  if (!isMap(value) || value["path"] === undefined) return [];
  const at = inside(inside(place, "openapi"), "path");
  return [{ kind: "file", entry: textOf(value["path"], at), place: at }];
}

function maps(fields: Fields, name: string, place: Place): Array<[fields: Fields, place: Place]> {
  return elementsOf(valueOf(fields, name, place), inside(place, name)).map(([element, at]) => {
    if (!isMap(element)) throw new Rejection(`${at.file}: ${at.field} must be a mapping`);
    return [element, at];
  });
}

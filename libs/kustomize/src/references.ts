import { elementsOf, type Fields, inside, isMap, type Place, textOf, valueOf } from "./fields.ts";
import { inlineObjects } from "./inline.ts";
import type { KustomizationFile } from "./kustomization-file.ts";
import { Refusal } from "./refusal.ts";

/**
 * What an entry of a kustomization names:
 * `file` a file, `resource` a file of objects or a directory with a kustomization, `component` such a directory.
 */
export interface Reference {
  kind: "file" | "resource" | "component";
  entry: string;
  place: Place;
}

/** Lists of what generates, transforms and validates; their entries are followed by `plugins.ts`. */
export const pluginFields = ["generators", "transformers", "validators"] as const;

/**
 * Every file and directory that the fields of a kustomization name, in their order; not those of the plugin lists.
 *
 * @throws Refusal where a field has another shape than kustomize reads, or is one that is never built
 */
export function referencesOf(kustomization: KustomizationFile, file: string): Reference[] {
  const top: Place = { file, field: "" };
  refuseHelm(kustomization, file);
  return [
    ...entries(kustomization, "resources", "resource", top),
    ...entries(kustomization, "bases", "resource", top),
    ...entries(kustomization, "components", "component", top),
    ...entries(kustomization, "crds", "file", top),
    ...entries(kustomization, "configurations", "file", top),
    ...strategicMerges(kustomization, "patchesStrategicMerge", top),
    ...paths(kustomization, "patches", top),
    ...paths(kustomization, "patchesJson6902", top),
    ...paths(kustomization, "replacements", top),
    ...generated(kustomization, "configMapGenerator", top),
    ...generated(kustomization, "secretGenerator", top),
    ...openApi(kustomization, top),
  ];
}

/** Files named by the configuration of a built-in plugin; others name none. */
export function pluginReferencesOf(config: Fields, place: Place): Reference[] {
  const read = pluginReaders.get(String(config["kind"]));
  return read === undefined ? [] : read(config, place);
}

const pluginReaders = new Map<string, (config: Fields, place: Place) => Reference[]>([
  ["PatchTransformer", (config, place) => path(config, "path", place)],
  ["PatchJson6902Transformer", (config, place) => path(config, "path", place)],
  ["PatchStrategicMergeTransformer", (config, place) => strategicMerges(config, "paths", place)],
  ["ReplacementTransformer", (config, place) => paths(config, "replacements", place)],
  ["ValueAddTransformer", (config, place) => path(config, "targetFilePath", place)],
  ["ConfigMapGenerator", sources],
  ["SecretGenerator", sources],
]);

function refuseHelm(kustomization: KustomizationFile, file: string): void {
  for (const field of ["helmCharts", "helmChartInflationGenerator"]) {
    if (kustomization[field] !== undefined) {
      throw new Refusal(`${file}: ${field} is not built here; declare a HelmRelease for the chart instead`);
    }
  }
}

function entries(fields: Fields, name: string, kind: Reference["kind"], place: Place): Reference[] {
  const elements = elementsOf(valueOf(fields, name, place), inside(place, name));
  return elements.map(([element, at]) => ({ kind, entry: textOf(element, at), place: at }));
}

/** Entries that are a patch themselves name nothing. */
function strategicMerges(fields: Fields, name: string, place: Place): Reference[] {
  return entries(fields, name, "file", place).filter(({ entry }) => inlineObjects(entry, place.file) === undefined);
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

function generated(fields: Fields, name: string, place: Place): Reference[] {
  return maps(fields, name, place).flatMap(([element, at]) => sources(element, at));
}

function sources(generator: Fields, place: Place): Reference[] {
  const files = entries(generator, "files", "file", place).map((file) => ({ ...file, entry: withoutKey(file.entry) }));
  return [...files, ...entries(generator, "envs", "file", place), ...path(generator, "env", place)];
}

/** A file source is `path` or `key=path`. */
function withoutKey(source: string): string {
  const parts = source.split("=");
  // With more than one `=` kustomize refuses the source.
  return parts.length === 2 ? (parts[1] ?? "") : source;
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
    if (!isMap(element)) throw new Refusal(`${at.file}: ${at.field} must be a mapping`);
    return [element, at];
  });
}

import { parseYamlDocuments } from "@leat/yaml";
import { elementsOf, type Fields, isMap, type Place, textOf } from "./fields.ts";
import { foldName } from "./fold-name.ts";
import { checkInlineEntries, inlineEntry, inlineObjects, inlineText } from "./inline.ts";
import { type Reference, pluginReferencesOf } from "./references.ts";
import { Rejection } from "./rejection.ts";

/** Where the configuration of plugins comes from; each throws a Rejection where the entry names nothing that may be read. */
export interface PluginSources {
  /** What the entry names; a file with its path in the repository and its text, or a directory. */
  open: (
    entry: string,
    place: Place,
  ) => Promise<{ kind: "file"; path: string; text: string } | { kind: "directory"; path: string }>;
  /** The objects that the kustomization of a directory builds. */
  build: (directory: string) => Promise<readonly Fields[]>;
}

/** The plugins of one list, as the entries that take its place, and the files that they name. */
export interface Plugins {
  entries: string[];
  references: Reference[];
}

/**
 * Reads the list `generators`, `transformers` or `validators`. All of it becomes inline configuration: what kustomize then
 * configures its plugins with is exactly what was looked through here for paths.
 *
 * @throws Rejection for plugins that are programs, and where a configuration cannot be read
 */
export async function readPlugins(value: unknown, place: Place, sources: PluginSources): Promise<Plugins> {
  const inline: Array<[config: Fields, place: Place]> = [];
  const named: Array<[config: Fields, place: Place]> = [];
  for (const [element, at] of elementsOf(value, place)) {
    const entry = textOf(element, at);
    const objects = inlineObjects(entry, at.file);
    if (objects) inline.push(...flatten(objects).map((config): [Fields, Place] => [config, at]));
    else named.push(...(await readNamed(entry, at, sources)));
  }
  // kustomize takes inline configuration first, wherever it stands in the list.
  const all = [...inline, ...named];
  for (const [config, at] of all) check(config, at);
  checkInlineEntries(
    all.flatMap(([config]) => patchesOf(config).flatMap(([, paths]) => paths)),
    place.file,
  );
  return {
    entries: all.length === 0 ? [] : [inlineEntry(all.map(([config, at]) => settle(config, at)))],
    references: all.flatMap(([config, at]) => pluginReferencesOf(config, at)),
  };
}

async function readNamed(entry: string, place: Place, { open, build }: PluginSources): Promise<Array<[Fields, Place]>> {
  const opened = await open(entry, place);
  const objects = opened.kind === "directory" ? await build(opened.path) : readConfigs(opened.text, opened.path);
  const at = { file: opened.path, field: "" };
  return flatten(objects).map((config) => [config, at]);
}

function readConfigs(text: string, file: string): Fields[] {
  const documents = parseYamlDocuments(text, file, { dialect: "kustomize" });
  if (!documents.every(isMap))
    throw new Rejection(`${file} must contain objects with apiVersion, kind and metadata.name`);
  return documents;
}

/** A `List` stands for its items. */
function flatten(objects: readonly Fields[]): Fields[] {
  return objects.flatMap((object) => {
    const { kind, items } = object;
    if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return [object];
    return flatten(items.filter(isMap));
  });
}

function check(config: Fields, { file }: Place): void {
  const { apiVersion, kind, metadata } = config;
  const name = isMap(metadata) ? metadata["name"] : undefined;
  if (typeof kind !== "string" || typeof name !== "string") {
    throw new Rejection(
      `${file}: the configuration of a generator, transformer or validator requires apiVersion, kind and metadata.name`,
    );
  }
  if (apiVersion !== "builtin") {
    throw new Rejection(
      `${file}: ${kind} ${name} uses an exec plugin; only plugins with apiVersion: builtin are supported`,
    );
  }
  if (kind === "HelmChartInflationGenerator") {
    throw new Rejection(`${file}: ${kind} ${name} is not supported; use a HelmRelease for the chart instead`);
  }
}

function settle(config: Fields, { file }: Place): Fields {
  const settled = patchesOf(config).map(([key, entries]) => [key, entries.map((entry) => settlePatch(entry, file))]);
  return settled.length === 0 ? config : { ...config, ...Object.fromEntries(settled) };
}

/** The fields with strategic merge patches. */
function patchesOf(config: Fields): Array<[key: string, entries: unknown[]]> {
  if (config["kind"] !== "PatchStrategicMergeTransformer") return [];
  return Object.entries(config).flatMap(([key, value]): Array<[string, unknown[]]> =>
    foldName(key) === "paths" && Array.isArray(value) ? [[key, value]] : [],
  );
}

/** A strategic merge patch may be a text or a path; the text becomes one that leads nowhere as a path. */
export function settlePatch(entry: unknown, file: string): unknown {
  return typeof entry === "string" && inlineObjects(entry, file) !== undefined ? inlineText(entry) : entry;
}

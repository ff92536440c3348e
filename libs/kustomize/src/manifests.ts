import { parseJson } from "@leat/json";
import { parseYamlDocuments } from "@leat/yaml";
import type { FileToBuild } from "./files-to-build.ts";

/** What kustomize has made of a directory. */
export interface Manifests {
  /** The objects as they were written. */
  text: string;
  /** What they were built of. */
  files: readonly FileToBuild[];
  /** Object by object, each read when its turn comes. */
  documents: () => Iterable<unknown>;
}

/** Manifests as the kustomize binary writes them. */
export function yamlManifests(text: string, files: readonly FileToBuild[]): Manifests {
  return { text, files, documents: () => yamlDocuments(text) };
}

/** Manifests as the renderer writes them: JSON, one object a line. */
export function jsonManifests(text: string, files: readonly FileToBuild[]): Manifests {
  return { text, files, documents: () => jsonDocuments(text) };
}

function* yamlDocuments(text: string): Generator {
  // In kustomize's output a line of three dashes is never part of a value: all values are indented.
  for (const document of text.split(/^---\n/m)) yield* parseYamlDocuments(document, "the built manifests");
}

function* jsonDocuments(text: string): Generator {
  for (const line of text.split("\n")) if (line !== "") yield parseJson(line);
}

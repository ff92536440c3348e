import { parseJson } from "@leat/json";
import { parseYamlDocuments } from "@leat/yaml";
import type { FileToBuild } from "./files-to-build.ts";
import { checkJsonLength } from "./object-size.ts";

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
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf("\n", start);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(start, end);
    start = end + 1;
    if (line === "") continue;
    checkJsonLength(line);
    yield parseJson(line);
  }
}

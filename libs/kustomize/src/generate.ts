import { posix } from "node:path";
import { kustomizationNames, type KustomizationFile } from "./kustomization-file.ts";
import type { Repository } from "./repository.ts";

/**
 * The kustomization of a directory that has none: every `.yaml` and `.yml` file in it and below, in lexical order. A
 * directory below with a kustomization of its own is named as a whole.
 */
export function generateKustomization(repository: Repository, directory: string): KustomizationFile {
  return { resources: manifestsIn(repository, directory, ".") };
}

function manifestsIn(repository: Repository, directory: string, prefix: string): string[] {
  const found: string[] = [];
  for (const [name, kind] of repository.list(directory)) {
    const entry = `${prefix}/${name}`;
    if (kind === "file" && /\.ya?ml$/.test(name)) found.push(entry);
    if (kind !== "directory") continue;
    const below = posix.join(directory, name);
    const names = repository.list(below);
    if (kustomizationNames.some((candidate) => names.get(candidate) === "file")) found.push(entry);
    else found.push(...manifestsIn(repository, below, entry));
  }
  return found;
}

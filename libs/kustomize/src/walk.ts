import type { Fields } from "./fields.ts";
import type { KustomizationFile } from "./kustomization-file.ts";
import type { Repository } from "./repository.ts";

/** All that a build reads, found before it runs. */
export interface Trace {
  repository: Repository;
  /** Path in the repository of the directory that is built. */
  directory: string;
  /** The kustomization of that directory, with the overlay. */
  kustomization: KustomizationFile;
  /** Path of its file, which need not exist in the repository. */
  kustomizationFile: string;
  /** Whether there is nothing to build: kustomize would say that the kustomization is empty. */
  empty: boolean;
  /** Files that are read as they are. */
  linked: ReadonlySet<string>;
  /** Those of them that are listed as resources. */
  resources: ReadonlySet<string>;
  /** Files that are read in our own rendering: path and text. */
  written: ReadonlyMap<string, string>;
  /** Whether something is fetched from elsewhere, so that the files do not tell what comes out. */
  remote: boolean;
}

/** What is found on the way through the kustomizations of a repository. */
export interface Walk {
  repository: Repository;
  noRemoteBases: boolean;
  /** Builds a directory whose objects configure plugins. */
  buildPlugins: (trace: Trace) => Promise<readonly Fields[]>;
  signal: AbortSignal;
  linked: Set<string>;
  resources: Set<string>;
  written: Map<string, string>;
  /** Directories that were followed already, or are being followed. */
  visited: Set<string>;
  /** Directories of plugin configuration that are being built: one within itself would never end. */
  building: ReadonlySet<string>;
  remote: boolean;
}

export function startWalk(
  {
    repository,
    noRemoteBases,
    buildPlugins,
    signal,
  }: Pick<Walk, "repository" | "noRemoteBases" | "buildPlugins" | "signal">,
  building: ReadonlySet<string> = new Set(),
): Walk {
  const found = { linked: new Set<string>(), resources: new Set<string>(), written: new Map<string, string>() };
  return { repository, noRemoteBases, buildPlugins, signal, building, ...found, visited: new Set(), remote: false };
}

export function endWalk(
  walk: Walk,
  end: Pick<Trace, "directory" | "kustomization" | "kustomizationFile" | "empty">,
): Trace {
  const { repository, linked, resources, written, remote } = walk;
  return { ...end, repository, linked, resources, written, remote };
}

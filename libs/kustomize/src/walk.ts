import type { KubeObject } from "@leat/api";
import type { Decryption, ReadAs } from "./decryption.ts";
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
  decryption?: Decryption | undefined;
  /** Linked files that are read decrypted where they are encrypted, and what for. */
  encrypted: ReadonlyMap<string, ReadAs>;
  /** Linked files that something reads as they are. */
  asTheyAre: ReadonlySet<string>;
  /** Reads encrypted values of a built object; `undefined` where it has none. */
  openObject?: (object: KubeObject) => Promise<KubeObject | undefined> | undefined;
}

/** What is found on the way through the kustomizations of a repository. */
export interface Walk {
  repository: Repository;
  noRemoteBases: boolean;
  /** Builds a directory whose objects configure plugins. */
  buildPlugins: (trace: Trace) => Promise<readonly Fields[]>;
  decryption?: Decryption | undefined;
  signal: AbortSignal;
  linked: Set<string>;
  encrypted: Map<string, ReadAs>;
  asTheyAre: Set<string>;
  resources: Set<string>;
  written: Map<string, string>;
  /** Of each directory that was followed or is being followed: how many kustomizations are built for it, itself included. */
  builds: Map<string, number>;
  /** Directories of plugin configuration that are being built: one within itself would never end. */
  building: ReadonlySet<string>;
  remote: boolean;
}

/** Of a directory that is not followed to its end: a kustomization within itself is refused by kustomize. */
export const beingFollowed = 0;

/** What a walk is given. */
export type WalkOptions = Pick<Walk, "repository" | "noRemoteBases" | "buildPlugins" | "decryption" | "signal">;

export function startWalk(options: WalkOptions, building: ReadonlySet<string> = new Set()): Walk {
  const { repository, noRemoteBases, buildPlugins, decryption, signal } = options;
  return {
    repository,
    noRemoteBases,
    buildPlugins,
    decryption,
    signal,
    building,
    linked: new Set(),
    encrypted: new Map(),
    asTheyAre: new Set(),
    resources: new Set(),
    written: new Map(),
    builds: new Map(),
    remote: false,
  };
}

export function endWalk(
  walk: Walk,
  end: Pick<Trace, "directory" | "kustomization" | "kustomizationFile" | "empty">,
): Trace {
  const { repository, linked, encrypted, asTheyAre, resources, written, remote, decryption } = walk;
  return { ...end, repository, linked, encrypted, asTheyAre, resources, written, remote, decryption };
}

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

/** What a trace has found so far, and what it reads from. */
export interface TraceState {
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
  /** Of each directory that was traced or is being traced: how many kustomizations are built for it, itself included. */
  builds: Map<string, number>;
  /** Directories of plugin configuration that are being built: one within itself would never end. */
  building: ReadonlySet<string>;
  remote: boolean;
}

/** Builds of a directory whose trace has not ended: a kustomization within itself is rejected by kustomize. */
export const beingTraced = 0;

/** What a trace starts with. */
export type TraceInputs = Pick<TraceState, "repository" | "noRemoteBases" | "buildPlugins" | "decryption" | "signal">;

export function startTrace(options: TraceInputs, building: ReadonlySet<string> = new Set()): TraceState {
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

export function finishTrace(
  state: TraceState,
  end: Pick<Trace, "directory" | "kustomization" | "kustomizationFile" | "empty">,
): Trace {
  const { repository, linked, encrypted, asTheyAre, resources, written, remote, decryption } = state;
  return { ...end, repository, linked, encrypted, asTheyAre, resources, written, remote, decryption };
}

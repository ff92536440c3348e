import { stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { SourceFiles } from "@leat/kustomize";
import { Failure } from "../program/failure.ts";
import { localFiles, type LocalFilesOptions } from "./local-files.ts";

/** A directory that stands for a source. */
export interface LocalSource {
  files: SourceFiles;
  /** As the user wrote it, for messages. */
  name: string;
  /** Where the manifests are, relative to the root of the files. */
  path: string;
}

/** Opens directories, each root and pattern once: what is known of its files is shared. */
export interface LocalSources {
  /** A directory of manifests: its files may name others in the same Git work tree, as they may in the repository. */
  directory: (path: string, ignore?: string) => Promise<LocalSource>;
  /** A path in a directory that stands for the root of a source. */
  within: (root: string, path: string, ignore?: string) => Promise<LocalSource>;
}

export function createLocalSources(options: Omit<LocalFilesOptions, "ignore">): LocalSources {
  const opened = new Map<string, Promise<SourceFiles>>();
  const open = (root: string, ignore: string | undefined) =>
    opened.getOrInsertComputed(`${root}\0${ignore}`, () => localFiles(root, { ...options, ignore }));
  return {
    directory: async (name, ignore) => {
      const path = await directoryAt(name);
      const root = (await workTreeOf(path)) ?? path;
      return { files: await open(root, ignore), name, path: relative(root, path).split(sep).join("/") };
    },
    within: async (name, path, ignore) => {
      const root = await directoryAt(name);
      return { files: await open(root, ignore), name: join(name, path), path };
    },
  };
}

/** @throws Failure */
async function directoryAt(name: string): Promise<string> {
  const path = resolve(name);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return path;
  throw new Failure(
    `${name} ${found ? "is not a directory" : "does not exist"}: --path must be a directory with manifests`,
  );
}

/** The nearest directory above that Git has made a work tree. */
async function workTreeOf(path: string): Promise<string | undefined> {
  for (let above = path; ; above = dirname(above)) {
    if (await stat(join(above, ".git")).catch(() => undefined)) return above;
    if (dirname(above) === above) return undefined;
  }
}

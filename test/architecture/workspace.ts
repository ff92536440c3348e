import { glob, readFile } from "node:fs/promises";
import { dirname, join, posix, sep } from "node:path";
import { importsOf } from "./imports.ts";

/** A package of the repository, as far as the rules of its architecture read it. */
export interface Package {
  name: string;
  /** Path from the root of the repository, `""` for the root itself. */
  directory: string;
  /** What its tags say: `layer:tool` is `tool`. */
  layers: readonly string[];
  /** What others may import: its name, and its name with each further entry of its manifest's `exports`. */
  entries: readonly string[];
  /** What its manifest lists to run with. */
  dependencies: readonly string[];
  /** What its manifest lists for its tests. */
  devDependencies: readonly string[];
  files: readonly SourceFile[];
}

export interface SourceFile {
  /** Path from the root of the repository. */
  path: string;
  imports: readonly string[];
}

interface Manifest {
  name: string;
  workspaces?: string[];
  exports?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  nx?: { tags?: string[] };
}

const layerPrefix = "layer:";

/** Reads the manifests and the sources of a repository: its root and its workspaces. */
export async function readWorkspace(root: string): Promise<Package[]> {
  const { workspaces = [] } = await readManifest(root, "");
  const manifests = await Array.fromAsync(
    glob(
      workspaces.map((pattern) => `${pattern}/package.json`),
      { cwd: root },
    ),
  );
  const directories = ["", ...manifests.map(dirname)].toSorted();
  const sources = await readSources(root);
  return Promise.all(
    directories.map((directory) => readPackage(root, directory, filesOf(directory, directories, sources))),
  );
}

async function readPackage(root: string, directory: string, files: SourceFile[]): Promise<Package> {
  const manifest = await readManifest(root, directory);
  const tags = manifest.nx?.tags ?? [];
  return {
    name: manifest.name,
    directory,
    layers: tags.filter((tag) => tag.startsWith(layerPrefix)).map((tag) => tag.slice(layerPrefix.length)),
    entries: Object.keys(manifest.exports ?? {}).map((entry) => posix.join(manifest.name, entry)),
    dependencies: Object.keys(manifest.dependencies ?? {}),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    files,
  };
}

async function readManifest(root: string, directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, directory, "package.json"), "utf8")) as Manifest;
}

async function readSources(root: string): Promise<SourceFile[]> {
  const exclude = (name: string) => name.split(sep).some((part) => part === "node_modules" || part.startsWith("."));
  const paths = await Array.fromAsync(glob("**/*.ts", { cwd: root, exclude }));
  return Promise.all(
    paths
      .toSorted()
      .map(async (path) => ({ path, imports: importsOf(path, await readFile(join(root, path), "utf8")) })),
  );
}

/** The files below a directory that no deeper package owns. */
function filesOf(directory: string, directories: readonly string[], sources: readonly SourceFile[]): SourceFile[] {
  const ownerOf = (path: string) =>
    directories
      .filter((candidate) => candidate === "" || path.startsWith(`${candidate}/`))
      .reduce((longest, candidate) => (candidate.length > longest.length ? candidate : longest), "");
  return sources.filter(({ path }) => ownerOf(path) === directory);
}

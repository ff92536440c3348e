import { createHash } from "node:crypto";
import { type Dirent, readFileSync } from "node:fs";
import { lstat, readdir, readFile } from "node:fs/promises";
import { dirname, join, posix, relative, sep } from "node:path";
import { ignoreRules } from "@leat/artifact";
import type { SourceFiles } from "@leat/kustomize";
import { ProcessError, run } from "@leat/process";

export interface LocalFilesOptions {
  /** Patterns as in a .gitignore; they count more than those of the .sourceignore files. */
  ignore: string | undefined;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/**
 * The files of a directory as an artifact of it would hold them: without what is ignored, without links, and, in a Git work
 * tree, without what Git ignores. A file's content is read when it is needed.
 */
export async function localFiles(
  root: string,
  { ignore, environment, signal }: LocalFilesOptions,
): Promise<SourceFiles> {
  const paths = (await listedByGit(root, environment, signal)) ?? (await walk(root));
  const ignoreFiles = await readIgnoreFiles(root, paths);
  const rules = ignoreRules(ignore === undefined ? ignoreFiles : [...ignoreFiles, { directory: "", text: ignore }]);
  const included = async (all: Iterable<string>, are: "directories" | "files") =>
    (
      await rules.included(
        Array.from(all, (path) => ({ path })),
        are,
        signal,
      )
    ).map(({ path }) => path);
  const chosen = await included(paths, "files");
  const sizes = await Promise.all(chosen.map(async (path) => sizeOf(join(root, path))));
  const files = new Map<string, SourceFile>();
  for (const [index, path] of chosen.entries()) {
    const size = sizes[index];
    if (size !== undefined) files.set(path, lazily(join(root, path), size));
  }
  const directories = await included(directoriesOf(paths), "directories");
  return { files, directories: new Set(directories), read: async (path) => readFile(join(root, path)) };
}

type SourceFile = SourceFiles["files"] extends ReadonlyMap<string, infer File> ? File : never;

/** Most files of a repository are not part of a build: digests of them are not needed. */
function lazily(path: string, size: number): SourceFile {
  return {
    size,
    get digest() {
      return createHash("sha256").update(readFileSync(path)).digest("hex");
    },
  };
}

const listLimitMs = 60_000;

/** What is in the work tree and would be committed; `undefined` where it is none, or there is no Git. */
async function listedByGit(
  root: string,
  { PATH = "", HOME = "" }: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  // Containers of CI often run as somebody else than whom the files belong to.
  const args = ["-c", "safe.directory=*", "-C", root];
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  try {
    const options = { env: { PATH, HOME, GIT_OPTIONAL_LOCKS: "0" }, timeoutMs: listLimitMs, signal };
    const { exitCode, stdout } = await run("git", [...args, ...listing], options);
    return exitCode === 0 ? stdout.toString().split("\0").filter(Boolean) : undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProcessError) return undefined;
    throw error;
  }
}

async function walk(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const pathOf = ({ parentPath, name }: Dirent) => relative(root, join(parentPath, name)).split(sep).join("/");
  const paths = entries.filter((entry) => entry.isFile()).map(pathOf);
  return paths.filter((path) => !path.split("/").includes(".git"));
}

/** `undefined` if it is not a regular file, or no longer there. */
async function sizeOf(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

const ignoreFileName = ".sourceignore";

async function readIgnoreFiles(
  root: string,
  paths: readonly string[],
): Promise<Array<{ directory: string; text: string }>> {
  const found = paths.filter((path) => posix.basename(path) === ignoreFileName);
  const directories = found.map((path) => posix.dirname(path)).map((path) => (path === "." ? "" : path));
  // A directory comes before what is in it.
  const sorted = directories.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return Promise.all(
    sorted.map(async (directory) => ({
      directory,
      text: await readFile(join(root, directory, ignoreFileName), "utf8"),
    })),
  );
}

function sortKey(path: string): string {
  return path.replaceAll("/", "\0");
}

function directoriesOf(paths: readonly string[]): Set<string> {
  const directories = new Set<string>();
  for (const path of paths) {
    for (let above = dirname(path); above !== "." && !directories.has(above); above = dirname(above)) {
      directories.add(above);
    }
  }
  return directories;
}

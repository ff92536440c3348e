import { LimitExceeded } from "@leat/api";
import { type Entry, type FileEntry, type Files, type IgnoreFile, ignoreRules, type IgnoreRules } from "@leat/artifact";
import { sortInTurns, turns } from "@leat/text";

/** The files of the upstream, in any order. */
export interface FileTree {
  files: readonly FileEntry[];
  /** Those that contain no file. Directories of files need not be listed. */
  directories: readonly string[];
  read: Files["read"];
}

const ignoreFileName = ".sourceignore";
const maxIgnoreFileBytes = 1024 * 1024;

/**
 * The rules of the .sourceignore files and of `spec.ignore`, which takes precedence.
 *
 * @throws LimitExceeded
 */
export async function readIgnoreRules(
  tree: FileTree,
  ignore: string | undefined,
  signal: AbortSignal,
): Promise<IgnoreRules> {
  const ignoreFiles = await readIgnoreFiles(tree, signal);
  return ignoreRules(ignore === undefined ? ignoreFiles : [...ignoreFiles, { directory: "", text: ignore }]);
}

/** The files and directories that go into the artifact, sorted. The contents of ignored files are not read. */
export async function listFiles(tree: FileTree, rules: IgnoreRules, signal: AbortSignal): Promise<Files> {
  const directories = (await directoriesOf(tree, signal)).map((path): Entry => ({ kind: "directory", path }));
  const listed: Entry[] = [
    ...(await rules.included(directories, "directories", signal)),
    ...(await rules.included(tree.files, "files", signal)),
  ];
  return { entries: [{ kind: "directory", path: "." }, ...(await sorted(listed, signal))], read: tree.read };
}

async function readIgnoreFiles(tree: FileTree, signal: AbortSignal): Promise<IgnoreFile[]> {
  const isIgnoreFile = ({ path }: FileEntry) => `/${path}`.endsWith(`/${ignoreFileName}`);
  const found = await sorted(tree.files.filter(isIgnoreFile), signal);
  for (const { path, size } of found)
    if (size > maxIgnoreFileBytes) throw new LimitExceeded(`${path} of ${size} bytes`, `${maxIgnoreFileBytes} bytes`);
  const ignoreFiles: IgnoreFile[] = [];
  for await (const content of tree.read(found, signal)) {
    const directory = parentOf(found[ignoreFiles.length]?.path ?? "");
    ignoreFiles.push({ directory, text: Buffer.concat(await Array.fromAsync(content)).toString() });
  }
  return ignoreFiles;
}

/** The directory that the path is in; empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Every directory of the tree, except the root. */
async function directoriesOf({ files, directories }: FileTree, signal: AbortSignal): Promise<string[]> {
  const turn = turns(signal);
  const all = new Set<string>();
  const add = (lowest: string) => {
    for (let directory = lowest; directory !== "" && !all.has(directory); directory = parentOf(directory))
      all.add(directory);
  };
  for (const { path } of files) {
    add(parentOf(path));
    await turn();
  }
  directories.forEach(add);
  return [...all];
}

/** Each directory right before what is in it. */
async function sorted<Item extends { path: string }>(items: readonly Item[], signal: AbortSignal): Promise<Item[]> {
  const turn = turns(signal);
  const keyed: Array<{ item: Item; key: string }> = [];
  for (const item of items) {
    keyed.push({ item, key: item.path.replaceAll("/", "\0") });
    await turn();
  }
  const inOrder = await sortInTurns(keyed, (a, b) => (a.key < b.key ? -1 : 1), signal);
  return inOrder.map(({ item }) => item);
}

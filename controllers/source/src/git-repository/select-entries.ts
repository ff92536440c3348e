import { Fault } from "@leat/api";
import { type Entry, type IgnoreFile, ignoreRules } from "@leat/artifact";
import type { Commit, TreeEntry } from "@leat/git";

const ignoreFileName = ".sourceignore";
const maxIgnoreFileBytes = 1024 * 1024;

/**
 * What of a commit goes into the artifact, sorted: regular files and the directories of the repository, without what is
 * ignored. Ignored files are not even read; links have no place in an artifact.
 *
 * @param ignore `spec.ignore`: counts more than the .sourceignore files
 * @throws Fault `SourceIgnoreError`
 */
export async function* selectEntries(
  commit: Commit,
  ignore: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  const files = await readIgnoreFiles(commit, signal);
  const rules = ignoreRules(ignore === undefined ? files : [...files, { directory: "", text: ignore }]);
  const directories = directoriesOf(commit.tree).filter((path) => !rules.excludes(path, true));
  const chosen = commit.tree.filter((entry) => isFile(entry) && !rules.excludes(entry.path, false));
  const places = [...directories.map((path) => ({ path })), ...chosen.map((file) => ({ path: file.path, file }))];
  const sorted = places
    .map((place) => ({ ...place, key: sortKey(place.path) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  yield { kind: "directory", path: "." };
  yield* withContents(commit, sorted, signal);
}

interface Place {
  path: string;
  file?: TreeEntry;
}

async function* withContents(
  commit: Commit,
  places: readonly Place[],
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  const wanted = places.flatMap(({ file }) => file ?? []);
  const contents = commit.read(wanted, signal)[Symbol.asyncIterator]();
  try {
    for (const { path, file } of places) {
      if (file === undefined) {
        yield { kind: "directory", path };
        continue;
      }
      const next = await contents.next();
      if (next.done) throw new Fault("GitOperationFailed", `${path} cannot be read from the repository`);
      const { size, content } = next.value;
      yield { kind: "file", path, isExecutable: file.kind === "executable", size, content };
    }
  } finally {
    await contents.return?.();
  }
}

async function readIgnoreFiles(commit: Commit, signal: AbortSignal): Promise<IgnoreFile[]> {
  const isIgnoreFile = (entry: TreeEntry) => isFile(entry) && `/${entry.path}`.endsWith(`/${ignoreFileName}`);
  const directoryOf = ({ path }: TreeEntry) => path.slice(0, -ignoreFileName.length - 1);
  const entries = commit.tree
    .filter(isIgnoreFile)
    .toSorted((a, b) => (sortKey(directoryOf(a)) < sortKey(directoryOf(b)) ? -1 : 1));
  const files: IgnoreFile[] = [];
  for await (const { entry, size, content } of commit.read(entries, signal)) {
    if (size > maxIgnoreFileBytes)
      throw new Fault("SourceIgnoreError", `${entry.path} is larger than ${maxIgnoreFileBytes} bytes`);
    files.push({ directory: directoryOf(entry), text: Buffer.concat(await Array.fromAsync(content)).toString() });
  }
  return files;
}

function isFile({ kind }: TreeEntry): boolean {
  return kind === "file" || kind === "executable";
}

/** Every directory above an entry; a submodule that is not checked out is an empty one. */
function directoriesOf(tree: readonly TreeEntry[]): string[] {
  const directories = new Set<string>();
  for (const { kind, path } of tree) {
    if (kind === "submodule") directories.add(path);
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const directory = path.slice(0, end);
      if (directories.has(directory)) break;
      directories.add(directory);
    }
  }
  return [...directories];
}

/** A directory comes right before what is in it. */
function sortKey(path: string): string {
  return path.replaceAll("/", "\0");
}

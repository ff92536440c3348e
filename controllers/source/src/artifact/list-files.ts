import { Fault, LimitExceeded } from "@leat/api";
import { type Entry, type IgnoreFile, ignoreRules, type IgnoreRules } from "@leat/artifact";

/** A file of the upstream. */
export interface UpstreamFile {
  /** From the root, with `/` between its parts. */
  path: string;
  isExecutable: boolean;
}

/** The files of the upstream, in any order. */
export interface FileTree<File extends UpstreamFile = UpstreamFile> {
  files: readonly File[];
  /** Those that contain no file. Directories of files need not be listed. */
  directories: readonly string[];
  /** The contents of some of the files, in the given order; each is to be read to its end before the next. */
  read: (files: readonly File[], signal: AbortSignal) => AsyncIterable<Contents>;
}

interface Contents {
  /** Bytes. */
  size: number;
  content: AsyncIterable<Uint8Array>;
}

const ignoreFileName = ".sourceignore";
const maxIgnoreFileBytes = 1024 * 1024;

/**
 * The rules of the .sourceignore files and of `spec.ignore`, which takes precedence.
 *
 * @throws LimitExceeded
 */
export async function readIgnoreRules<File extends UpstreamFile>(
  tree: FileTree<File>,
  ignore: string | undefined,
  signal: AbortSignal,
): Promise<IgnoreRules> {
  const ignoreFiles = await readIgnoreFiles(tree, signal);
  return ignoreRules(ignore === undefined ? ignoreFiles : [...ignoreFiles, { directory: "", text: ignore }]);
}

/** The files and directories that go into the artifact, sorted. The contents of ignored files are not read. */
export async function* listFiles<File extends UpstreamFile>(
  tree: FileTree<File>,
  rules: IgnoreRules,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  const directories = await rules.included(
    directoriesOf(tree).map((path) => ({ path })),
    "directories",
    signal,
  );
  const files = await rules.included(tree.files, "files", signal);
  const listed = [...directories, ...files.map((file) => ({ path: file.path, file }))];
  yield { kind: "directory", path: "." };
  yield* withContents(tree, sorted(listed), signal);
}

interface Listed<File> {
  path: string;
  /** Absent for a directory. */
  file?: File;
}

async function* withContents<File extends UpstreamFile>(
  tree: FileTree<File>,
  listed: ReadonlyArray<Listed<File>>,
  signal: AbortSignal,
): AsyncGenerator<Entry, void, undefined> {
  const wanted = listed.flatMap(({ file }) => file ?? []);
  const contents = tree.read(wanted, signal)[Symbol.asyncIterator]();
  try {
    for (const { path, file } of listed) {
      if (file === undefined) {
        yield { kind: "directory", path };
        continue;
      }
      const next = await contents.next();
      if (next.done) throw new Fault("ArchiveOperationFailed", `${path} cannot be read from the source`);
      const { size, content } = next.value;
      yield { kind: "file", path, isExecutable: file.isExecutable, size, content };
    }
  } finally {
    await contents.return?.();
  }
}

async function readIgnoreFiles<File extends UpstreamFile>(
  tree: FileTree<File>,
  signal: AbortSignal,
): Promise<IgnoreFile[]> {
  const isIgnoreFile = ({ path }: File) => `/${path}`.endsWith(`/${ignoreFileName}`);
  const found = tree.files.filter(isIgnoreFile).map((file) => ({ path: parentOf(file.path), file }));
  const inOrder = sorted(found).map(({ file }) => file);
  const ignoreFiles: IgnoreFile[] = [];
  for await (const { size, content } of tree.read(inOrder, signal)) {
    const file = inOrder[ignoreFiles.length];
    if (file === undefined) break;
    if (size > maxIgnoreFileBytes)
      throw new LimitExceeded(`${file.path} of ${size} bytes`, `${maxIgnoreFileBytes} bytes`);
    ignoreFiles.push({
      directory: parentOf(file.path),
      text: Buffer.concat(await Array.fromAsync(content)).toString(),
    });
  }
  return ignoreFiles;
}

/** The directory that the path is in; empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Every directory of the tree, except the root. */
function directoriesOf({ files, directories }: Pick<FileTree, "files" | "directories">): string[] {
  const all = new Set<string>();
  for (const lowest of [...files.map(({ path }) => parentOf(path)), ...directories])
    for (let directory = lowest; directory !== "" && !all.has(directory); directory = parentOf(directory))
      all.add(directory);
  return [...all];
}

/** Each directory right before what is in it. */
function sorted<Item extends { path: string }>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, key: item.path.replaceAll("/", "\0") }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

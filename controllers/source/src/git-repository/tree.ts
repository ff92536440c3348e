import type { Commit, TreeEntry } from "@leat/git";
import type { FileTree, UpstreamFile } from "../artifact/list-files.ts";

interface CommitFile extends UpstreamFile {
  entry: TreeEntry;
}

/** What of a commit can go into an artifact: regular files and directories. Links have no place in an artifact. */
export function treeOf(commit: Commit): FileTree<CommitFile> {
  return {
    directories: directoriesOf(commit.tree),
    files: commit.tree
      .filter(({ kind }) => kind === "file" || kind === "executable")
      .map((entry) => ({ path: entry.path, isExecutable: entry.kind === "executable", entry })),
    read: (files, signal) =>
      commit.read(
        files.map(({ entry }) => entry),
        signal,
      ),
  };
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

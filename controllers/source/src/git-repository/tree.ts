import type { Commit, TreeEntry } from "@leat/git";
import { type FileTree, parentOf, type UpstreamFile } from "../artifact/list-files.ts";

interface CommitFile extends UpstreamFile {
  entry: TreeEntry;
}

/** What of a commit can go into an artifact: regular files and directories. Links have no place in an artifact. */
export function treeOf(commit: Commit): FileTree<CommitFile> {
  return {
    files: commit.tree
      .filter(({ kind }) => kind === "file" || kind === "executable")
      .map((entry) => ({ path: entry.path, isExecutable: entry.kind === "executable", entry })),
    directories: commit.tree.flatMap(directoryOf),
    read: (files, signal) =>
      commit.read(
        files.map(({ entry }) => entry),
        signal,
      ),
  };
}

/** A submodule that is not checked out is an empty directory; the directory of a link is there without it. */
function directoryOf({ kind, path }: TreeEntry): string[] {
  if (kind === "submodule") return [path];
  return kind === "symlink" ? [parentOf(path)] : [];
}

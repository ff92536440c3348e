import type { Commit, TreeEntry } from "@leat/git";
import { type FileTree, parentOf } from "../artifact/list-files.ts";

/** What of a commit can go into an artifact: regular files and directories. Links have no place in an artifact. */
export function treeOf(commit: Commit): FileTree {
  return {
    files: commit.tree
      .filter(({ kind }) => kind === "file" || kind === "executable")
      .map(({ kind, path, size, id }) => ({ kind: "file", path, isExecutable: kind === "executable", size, id })),
    directories: commit.tree.flatMap(directoryOf),
    read: commit.read,
  };
}

/** A submodule that is not checked out is an empty directory; the directory of a link is there without it. */
function directoryOf({ kind, path }: TreeEntry): string[] {
  if (kind === "submodule") return [path];
  return kind === "symlink" ? [parentOf(path)] : [];
}

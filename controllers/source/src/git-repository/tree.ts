import type { FileEntry } from "@leat/artifact";
import type { Commit, TreeEntry } from "@leat/git";
import { turns } from "@leat/text";
import { type FileTree, parentOf } from "../artifact/list-files.ts";

/** What of a commit can go into an artifact: regular files and directories. Links have no place in an artifact. */
export async function treeOf({ tree, read }: Commit, signal: AbortSignal): Promise<FileTree> {
  const turn = turns(signal);
  const files: FileEntry[] = [];
  const directories: string[] = [];
  for (const entry of tree) {
    const { kind, path, size, id } = entry;
    if (kind === "file" || kind === "executable")
      files.push({ kind: "file", path, isExecutable: kind === "executable", size, id });
    else directories.push(directoryOf(entry));
    await turn();
  }
  return { files, directories: directories.filter((path) => path !== ""), read };
}

/** A submodule that is not checked out is an empty directory; the directory of a link is there without it. */
function directoryOf({ kind, path }: TreeEntry): string {
  return kind === "submodule" ? path : parentOf(path);
}

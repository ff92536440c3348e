import type { GitProgram, GitRunOptions } from "./git-program.ts";
import { GitExit } from "./git-program.ts";
import { byteReader } from "./byte-reader.ts";

export interface TreeEntry {
  kind: "file" | "executable" | "symlink" | "submodule";
  /** From the root of the repository, with `/` between its parts. */
  path: string;
  /** Hash of the content. */
  id: string;
}

export interface TreeFile {
  entry: TreeEntry;
  /** Bytes. */
  size: number;
  /** To be read to the end before the next file is asked for. */
  content: AsyncIterable<Buffer>;
}

export interface CommitText {
  /** First line of the message. */
  subject: string;
}

interface Place {
  git: GitProgram;
  directory: string;
  options: GitRunOptions;
}

const kinds: Record<string, TreeEntry["kind"]> = { "100755": "executable", "120000": "symlink", "160000": "submodule" };

/** Everything in a commit's tree but directories, in git's order. */
export async function listTree({ git, directory, options }: Place, commit: string): Promise<TreeEntry[]> {
  const finished = await git.run(directory, ["ls-tree", "-r", "-z", "--full-tree", commit], options);
  if (finished.exitCode !== 0) throw new GitExit("ls-tree", finished);
  const lines = finished.stdout.toString().split("\0").slice(0, -1);
  return lines.map((line) => {
    const tab = line.indexOf("\t");
    const [mode = "", , id = ""] = line.slice(0, tab).split(" ");
    return { kind: kinds[mode] ?? "file", path: line.slice(tab + 1), id };
  });
}

export async function readCommit(place: Place, commit: string): Promise<CommitText> {
  for await (const { content } of readObjects(place, [{ kind: "file", path: "", id: commit }])) {
    const text = Buffer.concat(await Array.fromAsync(content)).toString();
    const message = text.slice(text.indexOf("\n\n") + 2);
    return { subject: message.split("\n", 1)[0] ?? "" };
  }
  throw new Error(`no commit ${commit}`);
}

/** The content of each entry, in the given order, by one process. */
export async function* readObjects(
  { git, directory, options }: Place,
  entries: readonly TreeEntry[],
): AsyncGenerator<TreeFile, void, undefined> {
  if (entries.length === 0) return;
  const input = `${entries.map(({ id }) => id).join("\n")}\n`;
  const output = git.stream(directory, ["cat-file", "--batch", "--buffer"], { ...options, input });
  try {
    const reader = byteReader(output);
    for (const entry of entries) {
      const [id, , length] = (await reader.line())?.split(" ") ?? [];
      if (id !== entry.id || length === undefined) throw new Error(`object ${entry.id} of ${entry.path} is missing`);
      const size = Number(length);
      yield { entry, size, content: reader.take(size) };
      // The newline that closes each object.
      await reader.line();
    }
  } finally {
    await output.return();
  }
}

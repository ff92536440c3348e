import { LimitExceeded } from "@leat/api";
import { turns } from "@leat/text";
import type { GitProgram, GitRunOptions } from "./git-program.ts";
import { GitExit } from "./git-program.ts";
import { byteReader } from "./byte-reader.ts";

export interface TreeEntry {
  kind: "file" | "executable" | "symlink" | "submodule";
  /** From the root of the repository, with `/` between its parts. */
  path: string;
  /** Hash of the content. */
  id: string;
  /** Of the content, in bytes; 0 for a submodule. */
  size: number;
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

/** Files, links and submodules of a commit: as many as an artifact may hold. */
const maxEntries = 500_000;

/** Of all paths and hashes together. */
const maxListingBytes = 128 * 1024 * 1024;

/** Characters: no file system takes a longer path. */
const maxPathLength = 4096;

/**
 * Everything in a commit's tree but directories, in git's order. A small repository can have a large tree: the same subtree
 * may occur any number of times.
 *
 * @throws LimitExceeded
 */
export async function listTree({ git, directory, options }: Place, commit: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const turn = turns(options.signal);
  let bytes = 0;
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of git.stream(directory, ["ls-tree", "-r", "-l", "-z", "--full-tree", commit], options)) {
    bytes += chunk.length;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\0");
    rest = lines.pop() ?? "";
    for (const line of lines) entries.push(entryOf(line));
    if (entries.length > maxEntries) throw new LimitExceeded("the files of the repository", `${maxEntries} files`);
    if (bytes > maxListingBytes) throw new LimitExceeded("the paths of the repository", `${maxListingBytes} bytes`);
    if (rest.length > maxPathLength) throw longPath();
    await turn();
  }
  return entries;
}

function entryOf(line: string): TreeEntry {
  const tab = line.indexOf("\t");
  const [mode = "", , id = "", ...size] = line.slice(0, tab).split(" ");
  const path = line.slice(tab + 1);
  if (path.length > maxPathLength) throw longPath();
  // The size is padded with spaces.
  return { kind: kinds[mode] ?? "file", path, id, size: Number(size.at(-1)) || 0 };
}

function longPath(): LimitExceeded {
  return new LimitExceeded("a path in the repository", `${maxPathLength} characters`);
}

/** Of the object, of which git reads all: tools write a few hundred bytes. */
const maxCommitBytes = 1024 * 1024;

/** Characters of the subject that are kept. */
const maxSubjectLength = 1024;

/** @throws LimitExceeded */
export async function readCommit(place: Place, commit: string): Promise<CommitText> {
  const size = await sizeOf(place, commit);
  if (size > maxCommitBytes) throw new LimitExceeded(`a commit object of ${size} bytes`, `${maxCommitBytes} bytes`);
  for await (const content of readObjects(place, [{ path: "", id: commit }])) {
    const text = Buffer.concat(await Array.fromAsync(content)).toString();
    const message = text.slice(text.indexOf("\n\n") + 2);
    return { subject: (message.split("\n", 1)[0] ?? "").slice(0, maxSubjectLength) };
  }
  throw new Error(`no commit ${commit}`);
}

async function sizeOf({ git, directory, options }: Place, id: string): Promise<number> {
  const finished = await git.run(directory, ["cat-file", "-s", id], options);
  if (finished.exitCode !== 0) throw new GitExit("cat-file", finished);
  return Number(finished.stdout.toString());
}

/** The content of each object, in the given order, by one process; each is to be read to its end before the next. */
export async function* readObjects(
  { git, directory, options }: Place,
  entries: ReadonlyArray<Pick<TreeEntry, "id" | "path">>,
): AsyncGenerator<AsyncIterable<Buffer>, void, undefined> {
  if (entries.length === 0) return;
  const input = `${entries.map(({ id }) => id).join("\n")}\n`;
  const output = git.stream(directory, ["cat-file", "--batch", "--buffer"], { ...options, input });
  try {
    const reader = byteReader(output);
    for (const entry of entries) {
      const [id, , length] = (await reader.line())?.split(" ") ?? [];
      if (id !== entry.id || length === undefined) throw new Error(`object ${entry.id} of ${entry.path} is missing`);
      yield reader.take(Number(length));
      // The newline that closes each object.
      await reader.line();
    }
  } finally {
    await output.return();
  }
}

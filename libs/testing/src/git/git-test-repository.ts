import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "@leat/process";
import { commitStream, type FileContent, tagStream } from "./git-fast-import.ts";
import { gitEnvironment } from "./git-environment.ts";

export interface CommitOptions {
  message?: string;
  /** `main` where not given; made when it does not exist. */
  branch?: string;
  /** Where a new branch starts, or what a rewritten one goes on from; `null` for a commit without a parent. The tip of the branch where not given. */
  parent?: string | null;
  /** A minute after the commit before, from 2026-01-01 on, where not given: the same commits have the same ids. */
  date?: Date;
}

export interface TagOptions {
  /** The tip of `main` where not given. */
  target?: string;
  /** Makes an annotated tag. */
  message?: string;
}

/** What clients may ask for. */
export interface GitRepositoryOptions {
  /** Fetches that leave files out (`--filter`); yes where not given. */
  allowFilter?: boolean;
  /** Any commit by its id, with protocol version 0 and 1 too; yes where not given. */
  allowAnyCommit?: boolean;
}

/** A bare repository of a git server. Its changes run one after the other, in the order of the calls. */
export interface GitTestRepository {
  /** Clone URL, without credentials. */
  url: string;
  /** The bare repository. */
  directory: string;
  /** Adds, replaces and (with `null`) removes files, in one commit on top of the branch; gives the commit's id. */
  commit: (files: Record<string, FileContent>, options?: CommitOptions) => Promise<string>;
  /** Makes or moves a tag. */
  tag: (name: string, options?: TagOptions) => Promise<void>;
  deleteTag: (name: string) => Promise<void>;
  /** Makes or moves a branch. */
  branch: (name: string, target: string) => Promise<void>;
  deleteBranch: (name: string) => Promise<void>;
  /** Id that a branch, a tag or any other revision stands for now, `undefined` where there is none. */
  resolve: (revision: string) => Promise<string | undefined>;
}

const firstCommitSeconds = Date.UTC(2026, 0, 1) / 1000;

/** Makes an empty bare repository whose HEAD is `main`. */
export async function createGitTestRepository(
  directory: string,
  url: string,
  options: GitRepositoryOptions = {},
): Promise<GitTestRepository> {
  await writeSkeleton(directory, options);
  const oneByOne = sequence();
  let nextTime = firstCommitSeconds;
  const takeTime = (date?: Date) => {
    const time = date === undefined ? nextTime : Math.floor(date.getTime() / 1000);
    nextTime = time + 60;
    return time;
  };
  const resolve = async (revision: string) =>
    (await git(directory, ["rev-parse", "--verify", "--quiet", revision], { mayFail: true })) || undefined;
  const move = (ref: string, target: string) =>
    oneByOne(async () => void (await git(directory, ["update-ref", ref, target])));
  const remove = (ref: string) => oneByOne(async () => void (await git(directory, ["update-ref", "-d", ref])));
  return {
    url,
    directory,
    resolve,
    commit: (files, { message = "change", branch = "main", parent, date } = {}) =>
      oneByOne(async () => {
        const ref = `refs/heads/${branch}`;
        const before = parent === undefined ? ((await tipOf(directory, ref)) ?? null) : parent;
        return fastImport(directory, commitStream({ ref, parent: before, message, time: takeTime(date), files }));
      }),
    tag: (name, { target = "refs/heads/main", message } = {}) =>
      oneByOne(async () => {
        if (message === undefined) await git(directory, ["update-ref", `refs/tags/${name}`, target]);
        else await fastImport(directory, tagStream({ name, target, message, time: takeTime() }));
      }),
    deleteTag: (name) => remove(`refs/tags/${name}`),
    branch: (name, target) => move(`refs/heads/${name}`, target),
    deleteBranch: (name) => remove(`refs/heads/${name}`),
  };
}

function sequence(): <T>(step: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (step) => {
    const next = last.then(step, step);
    last = next;
    return next;
  };
}

/** What `git init --bare` makes, without a process. */
async function writeSkeleton(
  directory: string,
  { allowFilter = true, allowAnyCommit = true }: GitRepositoryOptions,
): Promise<void> {
  await mkdir(join(directory, "objects", "info"), { recursive: true });
  await mkdir(join(directory, "refs", "heads"), { recursive: true });
  await mkdir(join(directory, "refs", "tags"), { recursive: true });
  await writeFile(join(directory, "HEAD"), "ref: refs/heads/main\n");
  const uploads = `[uploadpack]\n\tallowFilter = ${allowFilter}\n\tallowAnySHA1InWant = ${allowAnyCommit}\n`;
  await writeFile(join(directory, "config"), config + uploads);
}

const config = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
[http]
	receivepack = true
[gc]
	auto = 0
[receive]
	autogc = false
`;

/** Read from the loose ref, which saves a process; git packs refs only in a gc. */
async function tipOf(directory: string, ref: string): Promise<string | undefined> {
  const loose = await readFile(join(directory, ref), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return loose.trim() || undefined;
}

function fastImport(directory: string, stream: Buffer): Promise<string> {
  return git(directory, ["fast-import", "--quiet", "--force", "--done"], { input: stream });
}

const gitLimitMs = 60_000;

async function git(
  directory: string,
  args: string[],
  { input, mayFail = false }: { input?: Buffer; mayFail?: boolean } = {},
): Promise<string> {
  const finished = await run("git", ["--git-dir", directory, ...args], {
    env: gitEnvironment(),
    timeoutMs: gitLimitMs,
    ...(input === undefined ? {} : { input }),
  });
  if (finished.exitCode !== 0 && !mayFail) throw new Error(`git ${args[0]} in ${directory}: ${finished.stderr.trim()}`);
  return finished.stdout.toString().trim();
}

import { run } from "@leat/process";
import { gitRepository } from "../manifests.ts";
import type { Scenario } from "../scenario.ts";
import { type Attack, lines } from "./attack.ts";

const stars = `${"*a".repeat(12)}*b`;
const letters = { [`app/${"a".repeat(120)}`]: "" };

/** On what fetches sources. */
export const attacksOnSources: Attack[] = [
  {
    about: "an ignore rule of many stars",
    files: letters,
    sources: gitRepository(`  ref: {branch: main}\n  ignore: "${stars}"`),
    spec: null,
  },
  { about: "a .sourceignore of many stars", files: { ...letters, ".sourceignore": stars }, spec: null },
  {
    about: "a version range of a megabyte",
    sources: gitRepository(`  ref: {semver: "${"1".repeat(1_000_000)}"}`),
    spec: null,
    rejected: { subject: "GitRepository/repo", words: /semver/ },
  },
  {
    about: "a URL of a megabyte of slashes",
    sources: gitRepository().replace('"{{url}}"', `"http://127.0.0.1:1/${"/".repeat(1_000_000)}x"`),
    spec: null,
    rejected: { subject: "GitRepository/repo", words: /url/i },
  },
  {
    about: "a subject of a hundred megabytes in one line",
    files: { "app/one.txt": "" },
    message: "x".repeat(100_000_000),
    spec: null,
    rejected: { subject: "GitRepository/repo", words: /^a commit object of 100\d+ bytes: the limit is/ },
  },
  {
    about: "a tree of three million paths",
    prepare: growTree,
    spec: null,
    rejected: { subject: "GitRepository/repo", words: /^the (files|paths) of the repository: the limit is/ },
  },
  {
    about: "ten repositories at a server that never answers",
    sources: lines(10, (index) =>
      gitRepository("  ref: {branch: main}\n  timeout: 60m", `silent${index}`).replace(
        "{{url}}",
        "http://{{silent}}/x.git",
      ),
    ),
    spec: null,
  },
];

const gitLimitMs = 60_000;

/** Twelve entries at each of six levels, all the same tree. */
async function growTree({ repository: { directory } }: Scenario): Promise<void> {
  const git = async (args: string[], input = "") => {
    const env = { PATH: process.env["PATH"] ?? "", ...author };
    const { exitCode, stdout, stderr } = await run("git", ["--git-dir", directory, ...args], {
      env,
      input,
      timeoutMs: gitLimitMs,
    });
    if (exitCode !== 0) throw new Error(stderr);
    return stdout.toString().trim();
  };
  let entry = `100644 blob ${await git(["hash-object", "-w", "--stdin"])}`;
  for (let level = 0; level < 6; level++) {
    const tree = await git(["mktree"], lines(12, (index) => `${entry}\t${"n".repeat(20)}${index}`) + "\n");
    entry = `040000 tree ${tree}`;
  }
  const [, , root = ""] = entry.split(" ");
  const commit = await git(["commit-tree", root, "-m", "tree"]);
  await git(["update-ref", "refs/heads/main", commit]);
}

const author = {
  GIT_AUTHOR_NAME: "t",
  GIT_AUTHOR_EMAIL: "t@example.org",
  GIT_COMMITTER_NAME: "t",
  GIT_COMMITTER_EMAIL: "t@example.org",
};

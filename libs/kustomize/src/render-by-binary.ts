import { join } from "node:path";
import { Fault, Reason } from "@leat/api";
import { ProcessError, run } from "@leat/process";
import { limitedCommand, ranOutOfMemory } from "@leat/sandbox";
import { type Manifests, yamlManifests } from "./manifests.ts";
import { reasonOf } from "./message.ts";
import { filesToBuild } from "./files-to-build.ts";
import { maxOutputBytes, tookTooLong, tooMuchMemory, tooMuchOutput } from "./limits.ts";
import { Rejection } from "./rejection.ts";
import { createWorkDirectory } from "./work-directory.ts";
import type { Trace } from "./trace-state.ts";

export interface BinaryOptions {
  binary: string;
  /** For private temporary directories. */
  directory: string;
  timeoutMs: number;
  maxMemoryBytes: number;
  /** Runs the binary with that limit; without it, there is none. */
  renderer: string | undefined;
  /** More variables for a build that fetches remote bases. */
  remoteEnvironment: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/**
 * Runs kustomize on what was traced.
 *
 * @param written the texts of the kustomization files
 * @throws Rejection with kustomize's reason where it does not build; Fault `BuildFailed` where it could not be run to its end
 */
export async function renderByBinary(
  trace: Trace,
  written: ReadonlyMap<string, string>,
  options: BinaryOptions,
): Promise<Manifests> {
  const { timeoutMs, maxMemoryBytes, signal } = options;
  const files = await filesToBuild(trace, written, signal);
  await using work = await createWorkDirectory(files, options.directory);
  // Files beside a kustomization may be named, as they may in the repository; there is nothing here but what was traced.
  const build = ["build", "--load-restrictor", "LoadRestrictionsNone", join(work.root, trace.directory)];
  const { program, args } = commandOf(build, options);
  const env = {
    HOME: work.home,
    TMPDIR: work.temporary,
    // Beyond this much memory Go's garbage collector works harder.
    GOMEMLIMIT: `${Math.floor(maxMemoryBytes / 2)}`,
    ...(trace.remote && { ...options.remoteEnvironment, ...gitEnvironment }),
  };
  try {
    const { exitCode, stdout, stderr } = await run(program, args, {
      env,
      cwd: work.root,
      timeoutMs,
      maxOutputBytes,
      signal,
    });
    if (exitCode === 0) return yamlManifests(stdout.toString(), files);
    if (ranOutOfMemory(stderr)) throw tooMuchMemory(trace.directory, maxMemoryBytes);
    if (exitCode >= 128) throw new Fault(Reason.BuildFailed, "kustomize was killed; it may have run out of memory");
    throw new Rejection(reasonOf(stderr, work, trace.directory));
  } catch (error) {
    throw error instanceof ProcessError ? asFault(error, timeoutMs, signal) : error;
  }
}

function commandOf(args: readonly string[], { binary, renderer, maxMemoryBytes }: BinaryOptions) {
  if (renderer === undefined) return { program: binary, args };
  return limitedCommand(renderer, maxMemoryBytes, [binary, ...args]);
}

/** For `git`: the networks only, no questions, nobody's configuration. */
const gitEnvironment = {
  PATH: "/usr/local/bin:/usr/bin:/bin",
  GIT_ALLOW_PROTOCOL: "https:http:ssh",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
};

function asFault(error: ProcessError, timeoutMs: number, signal: AbortSignal): Error {
  switch (error.kind) {
    case "aborted":
      return signal.reason as Error;
    case "timeout":
      return tookTooLong(timeoutMs, error);
    case "output":
      return tooMuchOutput(error);
    case "ended":
    case "spawn":
      return new Fault(Reason.BuildFailed, "kustomize could not be started", { cause: error });
  }
}

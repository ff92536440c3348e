import { join } from "node:path";
import { Fault, Reason } from "@leat/api";
import { ProcessError, run } from "@leat/process";
import { type Manifests, yamlManifests } from "./manifests.ts";
import { reasonOf } from "./message.ts";
import { filesToBuild } from "./files-to-build.ts";
import { maxOutputBytes, tookTooLong, tooMuchOutput } from "./limits.ts";
import { Rejection } from "./rejection.ts";
import { createWorkDirectory } from "./work-directory.ts";
import type { Trace } from "./trace-state.ts";

export interface BinaryOptions {
  binary: string;
  /** For private temporary directories. */
  directory: string;
  timeoutMs: number;
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
  const { binary, timeoutMs, signal } = options;
  await using work = await createWorkDirectory(await filesToBuild(trace, written, signal), options.directory);
  // Files beside a kustomization may be named, as they may in the repository; there is nothing here but what was traced.
  const args = ["build", "--load-restrictor", "LoadRestrictionsNone", join(work.root, trace.directory)];
  const env = {
    HOME: work.home,
    TMPDIR: work.temporary,
    ...(trace.remote && { ...options.remoteEnvironment, ...gitEnvironment }),
  };
  try {
    const { exitCode, stdout, stderr } = await run(binary, args, {
      env,
      cwd: work.root,
      timeoutMs,
      maxOutputBytes,
      signal,
    });
    if (exitCode === 0) return yamlManifests(stdout.toString());
    if (exitCode >= 128) throw new Fault(Reason.BuildFailed, "kustomize was killed; it may have run out of memory");
    throw new Rejection(reasonOf(stderr, work, trace.directory));
  } catch (error) {
    throw error instanceof ProcessError ? asFault(error, timeoutMs, signal) : error;
  }
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

import { Fault, Reason } from "@leat/api";
import { type Sandbox, SandboxError } from "@leat/sandbox";
import { type FileToBuild, filesToBuild } from "./files-to-build.ts";
import { tookTooLong, tooMuchMemory, tooMuchOutput } from "./limits.ts";
import { jsonManifests, type Manifests } from "./manifests.ts";
import { reasonOf, reported } from "./message.ts";
import { Rejection } from "./rejection.ts";
import type { Trace } from "./trace-state.ts";

export interface SandboxedRenderOptions {
  sandbox: Pick<Sandbox, "request">;
  /** That of the sandbox, for messages. */
  timeoutMs: number;
  maxMemoryBytes: number;
  signal: AbortSignal;
}

/**
 * Builds what was traced, in memory.
 *
 * @param written the texts of the kustomization files
 * @throws Rejection with kustomize's reason where it does not build; Fault `BuildFailed` where it came to no end
 */
export async function renderInSandbox(
  trace: Trace,
  written: ReadonlyMap<string, string>,
  { sandbox, signal, ...limits }: SandboxedRenderOptions,
): Promise<Manifests> {
  const files = await filesToBuild(trace, written, signal);
  try {
    const answer = await sandbox.request(requestFor(trace.directory, files), signal);
    if (answer.kind === "answer") return jsonManifests(answer.content.toString(), files);
    throw new Rejection(reasonOf(answer.message, inMemory, trace.directory));
  } catch (error) {
    throw error instanceof SandboxError ? explain(error, trace.directory, limits) : error;
  }
}

/** The protocol of the toolchain's `renderer/kustomize`. */
export function requestFor(directory: string, files: readonly FileToBuild[]) {
  return {
    body: { directory, files: files.map(({ path, content }) => ({ path, bytes: content.length })) },
    content: files.map(({ content }) => content),
  };
}

/** Where the renderer holds the files, for its messages. */
const inMemory = { root: "/artifact", temporary: "/tmp" };

type Limits = Pick<SandboxedRenderOptions, "timeoutMs" | "maxMemoryBytes">;

function explain(error: SandboxError, directory: string, { timeoutMs, maxMemoryBytes }: Limits): Error {
  switch (error.kind) {
    case "timeout":
      return tookTooLong(timeoutMs, error);
    case "output":
      return tooMuchOutput(error);
    case "memory":
      return tooMuchMemory(directory, maxMemoryBytes, error);
    case "ended":
    case "unavailable":
      return new Fault(Reason.BuildFailed, `kustomize could not be run to its end: ${reported(error.message)}`, {
        cause: error,
      });
  }
}

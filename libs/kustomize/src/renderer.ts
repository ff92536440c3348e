import { Fault, Reason } from "@leat/api";
import { ProcessError } from "@leat/process";
import { type FileToBuild, filesToBuild } from "./files-to-build.ts";
import { tookTooLong, tooMuchOutput } from "./limits.ts";
import { jsonManifests, type Manifests } from "./manifests.ts";
import { reasonOf } from "./message.ts";
import { Refusal } from "./refusal.ts";
import { type Greeting, type RendererProcess, startRendererProcess } from "./renderer-process.ts";
import type { Trace } from "./trace-state.ts";

export interface Renderer extends AsyncDisposable {
  greeting: Greeting;
  /**
   * Builds what was traced, in memory.
   *
   * @param written the texts of the kustomization files
   * @throws Refusal with kustomize's reason where it does not build; Fault `BuildFailed` where it came to no end
   */
  render: (trace: Trace, written: ReadonlyMap<string, string>, signal: AbortSignal) => Promise<Manifests>;
}

export interface RendererOptions {
  program: string;
  timeoutMs: number;
  /** A process that was not used for so long is ended, so that its memory goes back. */
  idleMs: number;
}

/**
 * Keeps renderer processes: as many as there are builds at a time, each used again and again until it is idle.
 *
 * @throws ProcessError where the program cannot be started
 */
export async function createRenderer(options: RendererOptions): Promise<Renderer> {
  const pool = createPool(options);
  const { greeting } = await pool.warmUp();
  return {
    greeting,
    render: async (trace, written, signal) => {
      const files = await filesToBuild(trace, written, signal);
      const renderer = await pool.take();
      try {
        return await build(renderer, { trace, files, timeoutMs: options.timeoutMs, signal });
      } finally {
        pool.giveBack(renderer);
      }
    },
    [Symbol.asyncDispose]: pool.close,
  };
}

interface Pool {
  /** Starts one to see that it can be started. */
  warmUp: () => Promise<RendererProcess>;
  take: () => Promise<RendererProcess>;
  giveBack: (renderer: RendererProcess) => void;
  close: () => Promise<void>;
}

function createPool({ program, idleMs }: RendererOptions): Pool {
  const idle = new Map<RendererProcess, NodeJS.Timeout>();
  const giveBack = (renderer: RendererProcess) => {
    if (renderer.alive()) idle.set(renderer, setTimeout(() => void end(renderer), idleMs).unref());
  };
  const end = (renderer: RendererProcess) => {
    clearTimeout(idle.get(renderer));
    idle.delete(renderer);
    return renderer.stop();
  };
  const take = async (): Promise<RendererProcess> => {
    // The one that was used last: the others come to rest.
    for (const [renderer, timer] of [...idle].toReversed()) {
      clearTimeout(timer);
      idle.delete(renderer);
      if (renderer.alive()) return renderer;
    }
    return startRendererProcess(program);
  };
  return {
    take,
    giveBack,
    warmUp: async () => {
      const renderer = await take();
      giveBack(renderer);
      return renderer;
    },
    close: async () => {
      await Promise.all([...idle.keys()].map(end));
    },
  };
}

interface Work {
  trace: Trace;
  files: readonly FileToBuild[];
  timeoutMs: number;
  signal: AbortSignal;
}

async function build(renderer: RendererProcess, { trace, files, timeoutMs, signal }: Work): Promise<Manifests> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const over = AbortSignal.any([signal, timeout]);
  // A build cannot be interrupted: its process goes with it.
  const stop = () => void renderer.stop();
  over.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    const reply = await renderer.build(trace.directory, files);
    if (reply.kind === "objects") return jsonManifests(reply.text);
    if (reply.kind === "error") throw new Refusal(reasonOf(reply.error, inMemory, trace.directory));
    await renderer.stop();
    throw tooMuchOutput();
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    if (timeout.aborted) throw tookTooLong(timeoutMs, error);
    signal.throwIfAborted();
    throw whyEnded(renderer.errors(), trace.directory, error);
  } finally {
    over.removeEventListener("abort", stop);
  }
}

/** Where the renderer holds the files, for its messages. */
const inMemory = { root: "/artifact", temporary: "/tmp" };

function whyEnded(errors: string, directory: string, cause: ProcessError): Error {
  const crash = /^(?:fatal error|runtime): (.*)/m.exec(errors)?.[1];
  if (/out of memory|cannot allocate memory/.test(errors)) {
    const what = directory === "" ? "the root of the repository" : directory;
    return new Refusal(`${what} cannot be built: kustomize needs more than 1 GiB for it; split it`, { cause });
  }
  return new Fault(Reason.BuildFailed, `kustomize ended before it was done${crash ? `: ${crash}` : ""}`, { cause });
}

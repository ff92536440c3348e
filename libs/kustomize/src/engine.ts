import { hash } from "node:crypto";
import { stat } from "node:fs/promises";
import { Fault, Reason } from "@leat/api";
import { run } from "@leat/process";
import { createSandbox, createSlots, memoryShare, type SandboxState } from "@leat/sandbox";
import type { Render } from "./build-trace.ts";
import { hadToMakeRoom, maxOutputBytes } from "./limits.ts";
import { renderByBinary } from "./render-by-binary.ts";
import { renderInSandbox } from "./render-in-sandbox.ts";
import type { Trace } from "./trace-state.ts";

export interface EngineOptions {
  /** Path of the kustomize program, or what finds it when it is first needed. */
  kustomize: string | (() => Promise<string>);
  /** Path of the renderer, or what finds it when it is first needed; `undefined` where this machine has none. */
  renderer?: () => Promise<string | undefined>;
  /** Where private temporary directories are made. */
  directory: string;
  /** More variables for builds that fetch remote bases, such as those of proxies; none where nothing is said. */
  remoteEnvironment?: Readonly<Record<string, string>>;
  /** Programs that run at a time, besides one that takes long; 2 where nothing is said. */
  maxConcurrent?: number;
  /** Of each program; its share of the memory that there is where nothing is said. */
  maxMemoryBytes?: number;
  /** For one run of kustomize; five minutes where nothing is said. */
  timeoutMs?: number;
  /** A run that takes longer gives its place to what waits; 15 seconds where nothing is said. */
  patienceMs?: number;
  /** How long a renderer is kept that has nothing to do; ten seconds where nothing is said. */
  idleMs?: number;
}

/**
 * What runs kustomize: the renderer in its sandbox; the kustomize binary where there is no renderer, on a private copy of the
 * files that were traced, and for what is fetched from elsewhere.
 */
export interface Engine extends AsyncDisposable {
  render: Render;
  /** What tells one kustomize from another. */
  version: () => Promise<string>;
  sandboxState: () => Promise<SandboxState>;
}

export function createEngine(options: EngineOptions): Engine {
  const { directory, maxConcurrent = 2, timeoutMs = 300_000, idleMs = 10_000, patienceMs = 15_000 } = options;
  const { maxMemoryBytes = memoryShare() } = options;
  const { renderer: program = async () => undefined, remoteEnvironment = {} } = options;
  const inSlot = createSlots({ count: maxConcurrent, beside: 1, patienceMs, ended: () => hadToMakeRoom(patienceMs) });
  const sandbox = createSandbox({ program, timeoutMs, idleMs, maxAnswerBytes: maxOutputBytes, maxMemoryBytes });
  const binary = once(() => findBinary(options.kustomize));
  return {
    render: (trace, written, signal) =>
      inSlot(keyOf(trace), signal, async (during) => {
        const hasRenderer = (await sandbox.state()).kind !== "unavailable";
        if (hasRenderer && !trace.remote)
          return renderInSandbox(trace, written, { sandbox, timeoutMs, maxMemoryBytes, signal: during });
        const { path } = await binary();
        const limits = { timeoutMs, maxMemoryBytes, renderer: hasRenderer ? await program() : undefined };
        const shared = { directory, remoteEnvironment, ...limits };
        return renderByBinary(trace, written, { ...shared, binary: path, signal: during });
      }),
    version: async () => {
      const state = await sandbox.state();
      return state.kind === "unavailable" ? (await binary()).version : state.version;
    },
    sandboxState: sandbox.state,
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** The same for the builds of one directory, also at other revisions. */
function keyOf({ directory, kustomizationFile, written }: Trace): string {
  return hash("sha256", JSON.stringify([directory, written.get(kustomizationFile)]));
}

interface Binary {
  path: string;
  /** As it says itself, with what tells one binary from another that says the same. */
  version: string;
}

async function findBinary(kustomize: EngineOptions["kustomize"]): Promise<Binary> {
  try {
    const path = typeof kustomize === "string" ? kustomize : await kustomize();
    const [{ stdout }, { size, mtimeMs }] = await Promise.all([
      run(path, ["version"], { timeoutMs: 30_000 }),
      stat(path),
    ]);
    return { path, version: `${stdout.toString().trim()} ${size} ${mtimeMs}` };
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault(Reason.BuildFailed, "kustomize could not be started", { cause });
  }
}

/** Finds a thing when it is first asked for; what failed is tried again. */
function once<Value>(find: () => Promise<Value>): () => Promise<Value> {
  let found: Promise<Value> | undefined;
  return async () => {
    try {
      return await (found ??= find());
    } catch (error) {
      found = undefined;
      throw error;
    }
  };
}

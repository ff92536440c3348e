import { stat } from "node:fs/promises";
import { Fault, Reason } from "@leat/api";
import { ProcessError, run } from "@leat/process";
import type { Render } from "./build-trace.ts";
import { hadToMakeRoom } from "./limits.ts";
import { renderByBinary } from "./render-by-binary.ts";
import { createRenderer, type Renderer } from "./renderer.ts";
import { createSlots } from "./slots.ts";

export interface EngineOptions {
  /** Path of the kustomize program, or what finds it when it is first needed. */
  kustomize: string | (() => Promise<string>);
  /** Path of the renderer, or what finds it when it is first needed; `undefined` where this machine has none. */
  renderer?: () => Promise<string | undefined>;
  /** Where private temporary directories are made. */
  directory: string;
  /** Programs that run at a time; 2 where nothing is said. */
  maxConcurrent?: number;
  /** For one run of kustomize; five minutes where nothing is said. */
  timeoutMs?: number;
  /** A run that takes longer gives its place to what waits; 15 seconds where nothing is said. */
  patienceMs?: number;
  /** How long a renderer is kept that has nothing to do; ten seconds where nothing is said. */
  idleMs?: number;
}

/**
 * What keeps a build from reading anything but its files:
 * `sandbox`: the renderer, to which the kernel refuses everything but its memory;
 * `memory`: the renderer on a system that has no such means; what it reads, it reads in memory;
 * `paths`: the kustomize binary, on a private copy of the files that were found by following every path.
 */
export interface Confinement {
  by: "sandbox" | "memory" | "paths";
  /** Why it is not the sandbox. */
  why?: string;
}

/** What runs kustomize: the renderer where there is one, and the binary for what comes from elsewhere. */
export interface Engine extends AsyncDisposable {
  render: Render;
  /** What tells one kustomize from another. */
  version: () => Promise<string>;
  confinement: () => Promise<Confinement>;
}

export function createEngine(options: EngineOptions): Engine {
  const { directory, maxConcurrent = 2, timeoutMs = defaultTimeoutMs, idleMs = defaultIdleMs } = options;
  const { patienceMs = defaultPatienceMs } = options;
  const inSlot = createSlots({ count: maxConcurrent, patienceMs, ended: () => hadToMakeRoom(patienceMs) });
  const binary = once(() => findBinary(options.kustomize));
  const found = once(() => findRenderer(options.renderer, { timeoutMs, idleMs }));
  return {
    render: (trace, written, signal) =>
      inSlot(signal, async (during) => {
        const { renderer } = trace.remote ? {} : await found();
        if (renderer) return renderer.render(trace, written, during);
        return renderByBinary(trace, written, { binary: (await binary()).path, directory, timeoutMs, signal: during });
      }),
    version: async () => (await found()).renderer?.greeting.version ?? (await binary()).version,
    confinement: async () => {
      const { renderer, why } = await found();
      if (renderer?.greeting.sealed) return { by: "sandbox" };
      return renderer ? { by: "memory", why: renderer.greeting.why ?? "" } : { by: "paths", why: why ?? "" };
    },
    [Symbol.asyncDispose]: async () => {
      const { renderer } = await found.made();
      await renderer?.[Symbol.asyncDispose]();
    },
  };
}

const defaultTimeoutMs = 300_000;
const defaultPatienceMs = 15_000;
const defaultIdleMs = 10_000;

interface Found {
  renderer?: Renderer;
  /** Why there is none. */
  why?: string;
}

async function findRenderer(
  find: EngineOptions["renderer"],
  options: { timeoutMs: number; idleMs: number },
): Promise<Found> {
  const program = await find?.();
  if (program === undefined) return { why: "there is no kustomize-renderer" };
  try {
    return { renderer: await createRenderer({ program, ...options }) };
  } catch (error) {
    if (error instanceof ProcessError) return { why: error.message };
    throw error;
  }
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

interface Once<Value> {
  (): Promise<Value>;
  /** What was found, where somebody asked. */
  made: () => Promise<Partial<Value>>;
}

/** Finds a thing when it is first asked for; what failed is tried again. */
function once<Value>(find: () => Promise<Value>): Once<Value> {
  let found: Promise<Value> | undefined;
  const get = async (): Promise<Value> => {
    try {
      return await (found ??= find());
    } catch (error) {
      found = undefined;
      throw error;
    }
  };
  return Object.assign(get, { made: async () => (await found?.catch(() => undefined)) ?? {} });
}

import { ProcessError } from "@leat/process";
import { createProcessPool, type ProcessPool } from "./process-pool.ts";
import { ranOutOfMemory } from "./memory.ts";
import { SandboxError } from "./sandbox-error.ts";
import { type SandboxState, stateOf } from "./sandbox-state.ts";
import { type Answer, type Request, startSandboxedProcess } from "./sandboxed-process.ts";

export interface SandboxOptions {
  /** Finds the program on first use; `undefined` if this machine has none. */
  program: () => Promise<string | undefined>;
  /** For one request, and for the start of the program. */
  timeoutMs: number;
  /** A process that has been idle for this long is ended, to free its memory. */
  idleMs: number;
  maxAnswerBytes: number;
  /** Of each process. */
  maxMemoryBytes: number;
}

/** A program that answers requests in a sandbox. Each concurrent request has its own process. */
export interface Sandbox extends AsyncDisposable {
  /** Starts the program if it has not been started yet. */
  state: () => Promise<SandboxState>;
  /**
   * Sends a request to an idle or a new process. After a failure other than an answer of kind `error` the process is ended, and the
   * next request gets a new one.
   *
   * @throws SandboxError; the signal's reason if it is aborted; errors of `answerQuery`
   */
  request: (request: Request, signal: AbortSignal) => Promise<Answer>;
}

export function createSandbox(options: SandboxOptions): Sandbox {
  const closing = new AbortController();
  let established: Promise<Established> | undefined;
  const establishOnce = async (): Promise<Established> => {
    try {
      return await (established ??= establish(options));
    } catch (error) {
      established = undefined;
      throw error;
    }
  };
  return {
    state: async () => (await establishOnce()).state,
    request: async (request, signal) => {
      const during = AbortSignal.any([signal, closing.signal]);
      during.throwIfAborted();
      const { pool } = await establishOnce();
      return requestIn(pool, request, { timeoutMs: options.timeoutMs, signal: during });
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort(new SandboxError("ended", "the sandbox was closed"));
      const { pool } = (await established?.catch(() => undefined)) ?? {};
      await pool?.close();
    },
  };
}

interface Established {
  state: SandboxState;
  pool: ProcessPool;
}

/** Starts the first process, whose state is then that of all. */
async function establish({ program, idleMs, ...limits }: SandboxOptions): Promise<Established> {
  const path = await program();
  const start = async () => {
    if (path === undefined) throw new SandboxError("unavailable", "the program was not found");
    return startSandboxedProcess(path, limits);
  };
  const pool = createProcessPool(start, idleMs);
  try {
    const first = await pool.take();
    pool.giveBack(first);
    return { pool, state: stateOf(first.greeting) };
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    return { pool, state: { kind: "unavailable", why: error.message } };
  }
}

async function requestIn(
  pool: ProcessPool,
  request: Request,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Answer> {
  signal.throwIfAborted();
  const process = await pool.take();
  const timeout = AbortSignal.timeout(timeoutMs);
  const over = AbortSignal.any([signal, timeout]);
  const stop = () => void process.stop();
  over.addEventListener("abort", stop, { once: true });
  try {
    over.throwIfAborted();
    return await process.request(request, over);
  } catch (error) {
    stop();
    if (timeout.aborted) throw new SandboxError("timeout", `the program took longer than ${timeoutMs} ms`);
    signal.throwIfAborted();
    throw error instanceof ProcessError ? whyEnded(process.errors(), error) : error;
  } finally {
    over.removeEventListener("abort", stop);
    pool.giveBack(process);
  }
}

/** Go's runtime and the package `sandbox` write the reason of an end to standard error. */
function whyEnded(errors: string, cause: ProcessError): SandboxError {
  if (ranOutOfMemory(errors)) {
    return new SandboxError("memory", "the program exceeded its memory limit", { cause });
  }
  const [, crash] = /^(?:fatal error|runtime|panic): (.*)/m.exec(errors) ?? [];
  return new SandboxError("ended", crash ? `${cause.message}: ${crash.slice(0, maxReasonLength)}` : cause.message, {
    cause,
  });
}

const maxReasonLength = 500;

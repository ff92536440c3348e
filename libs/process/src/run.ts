import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { endGroup } from "./end-group.ts";
import { asProcessError, ProcessError } from "./process-error.ts";
import { tail } from "./tail.ts";

export interface RunOptions {
  /** The whole environment of the child: nothing is inherited. */
  env?: Record<string, string>;
  cwd?: string;
  /** Written to standard input, which is then closed. */
  input?: string | Uint8Array;
  /** The child is ended when it runs longer. */
  timeoutMs: number;
  /** The child is ended when it writes more than this to standard output. */
  maxOutputBytes?: number;
  signal?: AbortSignal;
  /** Gets standard output as it comes; `Finished.stdout` is then empty. Awaited, so a slow reader slows the child. */
  onOutput?: (chunk: Buffer) => Promise<void> | void;
}

export interface Finished {
  exitCode: number;
  stdout: Buffer;
  /** At most the last 64 KiB. */
  stderr: string;
}

const defaultMaxOutputBytes = 64 * 1024 * 1024;

/**
 * Runs a program to its end: no shell, no inherited environment, a limit of time and of output. The child leads a process
 * group of its own, which is ended as a whole: SIGTERM first, SIGKILL after two seconds.
 *
 * @throws ProcessError see there; an exit code other than 0 is an answer, not an error
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  if (options.signal?.aborted) throw new ProcessError("aborted", `${program} was cancelled before it started`);
  const child = spawn(program, args, { cwd: options.cwd, env: options.env ?? {}, detached: true, stdio: "pipe" });
  const ending = endWhenOver(child, program, options);
  try {
    const closed = exitCodeOf(child);
    // A child may exit without reading its input: the broken pipe is not an error, its exit code tells.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input);
    const output = collect(child.stdout, program, options, ending.end);
    const errors = tail(child.stderr);
    const exitCode = await closed;
    const stdout = await output();
    if (ending.error) throw ending.error;
    return { exitCode, stdout, stderr: errors() };
  } catch (cause) {
    throw ending.error ?? asProcessError(program, cause);
  } finally {
    ending.stop();
  }
}

interface Ending {
  error?: ProcessError;
  end: (error: ProcessError) => void;
  stop: () => void;
}

function endWhenOver(child: ChildProcess, program: string, { timeoutMs, signal }: RunOptions): Ending {
  const ending: Ending = {
    end: (error) => {
      if (ending.error) return;
      ending.error = error;
      endGroup(child);
    },
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
  const onAbort = () => ending.end(new ProcessError("aborted", `${program} was cancelled`, { cause: signal?.reason }));
  const timer = setTimeout(
    () => ending.end(new ProcessError("timeout", `${program} took longer than ${timeoutMs} ms`)),
    timeoutMs,
  );
  signal?.addEventListener("abort", onAbort, { once: true });
  return ending;
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("close", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  return promise;
}

/**
 * Takes the output by events: an async iterator over it may never end, as Node resumes the streams of a child that exits.
 *
 * @returns gives what was collected, once all of it is handed on
 */
function collect(stdout: Readable, program: string, options: RunOptions, end: Ending["end"]): () => Promise<Buffer> {
  const limit = options.maxOutputBytes ?? defaultMaxOutputBytes;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let handing: Promise<void> = Promise.resolve();
  stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limit) end(new ProcessError("output", `${program} wrote more than ${limit} bytes`));
    else if (options.onOutput) {
      handing = handing.then(() => handOn(stdout, chunk, options.onOutput));
      handing.catch((cause: unknown) =>
        end(new ProcessError("output", `cannot read the output of ${program}`, { cause })),
      );
    } else chunks.push(chunk);
  });
  return async () => {
    await handing;
    return Buffer.concat(chunks);
  };
}

/** The pause lasts while the chunk is being taken; what comes all the same waits its turn. */
async function handOn(stdout: Readable, chunk: Buffer, take: RunOptions["onOutput"]): Promise<void> {
  stdout.pause();
  await take?.(chunk);
  stdout.resume();
}

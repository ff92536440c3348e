import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { endGroup } from "./end-group.ts";
import { asProcessError, ProcessError } from "./process-error.ts";
import { tail } from "./tail.ts";

export interface CoprocessOptions {
  /** The whole environment of the child: nothing is inherited. */
  env?: Record<string, string>;
  /** What it may write before it is read; beyond it the child is ended. */
  maxUnreadBytes: number;
}

/** A program that is written to and read from, until it is ended. One conversation at a time: reads are not to overlap. */
export interface Coprocess extends AsyncDisposable {
  readonly pid: number;
  /** Whether it has neither ended nor been told to. */
  readonly alive: () => boolean;
  /** Resolves when the child can take more. What is written to a child that has ended is lost. */
  write: (chunk: Uint8Array) => Promise<void>;
  /**
   * Exactly so many bytes of its standard output.
   *
   * @throws ProcessError `ended` where the child ends before it has written them
   */
  read: (bytes: number) => Promise<Buffer>;
  /** At most the last 64 KiB that it wrote to standard error. */
  errors: () => string;
  /** Ends its process group: SIGTERM, SIGKILL after two seconds; resolves when it has ended. */
  stop: () => Promise<void>;
}

/**
 * Starts a program that answers on its standard output what it reads on its standard input. It leads a process group of its
 * own.
 *
 * @throws ProcessError `spawn` where it cannot be started
 */
export async function startCoprocess(
  program: string,
  args: readonly string[],
  { env = {}, maxUnreadBytes }: CoprocessOptions,
): Promise<Coprocess> {
  const child = spawn(program, args, { env, detached: true, stdio: "pipe" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    await once(child, "spawn");
  } catch (cause) {
    throw asProcessError(program, cause);
  }
  // A child may end without reading its input: reading from it tells.
  child.stdin.on("error", () => {});
  const errors = tail(child.stderr);
  const whyEnded = () =>
    `${basename(program)} ended before it responded (${child.signalCode ?? `exit code ${child.exitCode}`})`;
  const reader = readerOf(child.stdout, { whyEnded, ended, maxUnreadBytes, end: () => endGroup(child) });
  let stopped = false;
  const stop = async () => {
    stopped = true;
    endGroup(child);
    await ended;
  };
  return {
    pid: pidOf(child),
    alive: () => !stopped && child.exitCode === null && child.signalCode === null,
    write: async (chunk) => {
      if (!child.stdin.write(chunk)) await Promise.race([once(child.stdin, "drain").catch(() => {}), ended]);
    },
    read: reader,
    errors,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Source {
  whyEnded: () => string;
  ended: Promise<void>;
  maxUnreadBytes: number;
  end: () => void;
}

/** Takes the output by events: an async iterator over it may never end, as Node resumes the streams of a child that exits. */
function readerOf(stdout: Readable, { whyEnded, ended, maxUnreadBytes, end }: Source): Coprocess["read"] {
  let chunks: Buffer[] = [];
  let unread = 0;
  let over = false;
  let look = () => {};
  stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    unread += chunk.length;
    if (unread > maxUnreadBytes) end();
    else look();
  });
  void ended.then(() => {
    over = true;
    look();
  });

  const take = (bytes: number): Buffer => {
    const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    chunks = all.length > bytes ? [all.subarray(bytes)] : [];
    unread -= bytes;
    return all.subarray(0, bytes);
  };

  return (bytes) => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    look = () => {
      if (unread >= bytes && unread <= maxUnreadBytes) resolve(take(bytes));
      else if (over) reject(new ProcessError("ended", whyEnded()));
      else return;
      look = () => {};
    };
    look();
    return promise;
  };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error("a started process has a pid");
  return pid;
}

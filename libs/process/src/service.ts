import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, closeSync } from "node:fs";
import type { Socket } from "node:net";
import { endGroup } from "./end-group.ts";

export interface ServiceOptions {
  /** The whole environment of the child: nothing is inherited. */
  env?: Record<string, string>;
  cwd?: string;
  /** File to which standard output and standard error are appended; dropped if there is none. */
  logFile?: string;
  /**
   * Becomes the program's standard input and output, as inetd does it. Nothing may have been read from it, and it is closed
   * in this process.
   */
  connection?: Socket;
}

/** A program that runs until it is stopped. */
export interface Service extends AsyncDisposable {
  readonly pid: number;
  /** Settles when the program has ended, with its exit code (128 where a signal ended it). */
  readonly ended: Promise<number>;
  /** SIGTERM to its process group, SIGKILL after two seconds; resolves when it has ended. */
  stop: () => Promise<void>;
  /** Sends one signal to the program alone. */
  kill: (signal: NodeJS.Signals) => void;
  /** Lets this process end while the program runs. */
  unref: () => void;
}

/**
 * Starts a program that serves until it is stopped. It leads a process group of its own.
 *
 * @throws Error when the program cannot be started
 */
export async function startService(
  program: string,
  args: readonly string[],
  options: ServiceOptions = {},
): Promise<Service> {
  const log = options.logFile === undefined ? "ignore" : openSync(options.logFile, "a", 0o600);
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? {},
    detached: true,
    stdio: [options.connection ?? "ignore", options.connection ?? log, log],
  });
  try {
    await once(child, "spawn");
  } finally {
    if (typeof log === "number") closeSync(log);
    options.connection?.destroy();
  }
  const ended = endOf(child);
  const stop = async () => {
    child.ref();
    endGroup(child);
    await ended;
  };
  return {
    pid: pidOf(child),
    ended,
    stop,
    kill: (signal) => void child.kill(signal),
    unref: () => child.unref(),
    [Symbol.asyncDispose]: stop,
  };
}

function endOf(child: ChildProcess): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  child.once("close", (code) => resolve(code ?? 128));
  return promise;
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error("a started process has a pid");
  return pid;
}

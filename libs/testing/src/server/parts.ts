import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Service, startService } from "@leat/process";
import { ownedEnvironment } from "./owner.ts";

/** A program of a control plane, or a server, that has been started. */
export interface Part {
  name: string;
  service: Service;
  logFile: string;
}

/** Programs that belong together. All are killed when this is disposed of, and when the process exits. */
export interface Parts extends AsyncDisposable {
  /** @param env what the program needs besides HOME and PATH */
  start: (name: string, program: string, args: string[], env?: Record<string, string>) => Promise<Part>;
  /** Without a farewell: what it kept is thrown away. */
  kill: (part: Part) => Promise<void>;
}

/** A part that ended before it was ready. */
export class PartEnded extends Error {
  /** Another process took the port between the choice and the start. */
  readonly portTaken: boolean;
  constructor(part: Part, log: string) {
    super(`${part.name} ended before it was ready; the last lines of its log:\n${lastLines(log)}`);
    this.name = "PartEnded";
    this.portTaken = log.includes("address already in use");
  }
}

/** @param directory home of the programs, and place of their logs */
export function createParts(directory: string): Parts {
  const running = new Set<Part>();
  const killAll = () => running.forEach(({ service }) => service.kill("SIGKILL"));
  const kill = async (part: Part) => {
    part.service.kill("SIGKILL");
    await part.service.stop();
  };
  // Before the listener that removes the directory they write to.
  process.prependListener("exit", killAll);
  return {
    kill,
    start: async (name, program, args, more) => {
      const logFile = join(directory, `${name}.log`);
      const env = { ...ownedEnvironment(), HOME: directory, PATH: "/usr/bin:/bin", ...more };
      const part = { name, logFile, service: await startService(program, args, { env, cwd: directory, logFile }) };
      // A test process that shares its control plane ends when its tests have.
      part.service.unref();
      running.add(part);
      void part.service.ended.then(() => running.delete(part));
      return part;
    },
    [Symbol.asyncDispose]: async () => {
      process.removeListener("exit", killAll);
      await Promise.all([...running].map(kill));
    },
  };
}

export interface Readiness {
  isReady: () => Promise<boolean>;
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

const pollMs = 30;

/**
 * Waits until the part answers.
 *
 * @throws PartEnded when it ends before
 * @throws Error when time is up
 */
export async function untilReady(part: Part, { isReady, timeoutMs, signal }: Readiness): Promise<void> {
  let hasEnded = false;
  void part.service.ended.then(() => (hasEnded = true));
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    signal?.throwIfAborted();
    if (hasEnded) throw new PartEnded(part, await readFile(part.logFile, "utf8"));
    if (await answers(isReady)) return;
    await pause(pollMs);
  }
  const log = lastLines(await readFile(part.logFile, "utf8"));
  throw new Error(`${part.name} was not ready after ${timeoutMs} ms; the last lines of its log:\n${log}`);
}

async function answers(isReady: () => Promise<boolean>): Promise<boolean> {
  try {
    return await isReady();
  } catch {
    // Not listening yet.
    return false;
  }
}

function lastLines(log: string): string {
  const lines = log.trimEnd().split("\n").slice(-12);
  return lines.map((line) => line.slice(0, 500)).join("\n");
}

import { totalmem } from "node:os";
import { memoryLimit } from "./sandboxed-process.ts";

/** Go reserves some 64 MiB before it does anything. */
const least = 128 * 1024 ** 2;
const most = 1024 ** 3;

/**
 * Memory in bytes for each of at most three programs beside this process: a fifth of what all of them may have together, so that
 * two fifths are left for this process.
 *
 * @param limit of the container or service; not above the machine's memory if there is none
 */
export function memoryShare(limit: number = process.constrainedMemory(), machine: number = totalmem()): number {
  const available = limit > 0 && limit < machine ? limit : machine;
  return Math.floor(Math.min(most, Math.max(least, available / 5)));
}

/**
 * The command that runs a program with a limit of memory.
 *
 * @param sandboxed a program that is made with the package `sandbox` of the toolchain: it sets the limit, then becomes the other one
 */
export function limitedCommand(sandboxed: string, maxMemoryBytes: number, [program, ...args]: [string, ...string[]]) {
  return { program: sandboxed, args: [...memoryLimit(maxMemoryBytes), "--", program, ...args] };
}

/** Whether a Go program ended at its limit, by what it wrote to standard error. */
export function ranOutOfMemory(errors: string): boolean {
  return /^(?:fatal error|runtime): .*(?:out of memory|cannot allocate memory)/m.test(errors);
}

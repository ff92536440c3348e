import type { SandboxedProcess } from "./sandboxed-process.ts";

/** Processes that are reused, and ended after some idle time. */
export interface ProcessPool {
  /** An idle process, or a new one. */
  take: () => Promise<SandboxedProcess>;
  /** Keeps the process for the next request, unless it has ended or is ending. */
  giveBack: (process: SandboxedProcess) => void;
  /** Ends all processes, including those in use. */
  close: () => Promise<void>;
}

export function createProcessPool(start: () => Promise<SandboxedProcess>, idleMs: number): ProcessPool {
  const started = new Set<SandboxedProcess>();
  const idle = new Map<SandboxedProcess, NodeJS.Timeout>();
  const end = async (process: SandboxedProcess) => {
    clearTimeout(idle.get(process));
    idle.delete(process);
    await process.stop();
    started.delete(process);
  };
  return {
    take: async () => {
      // The one that was used last, so that the others become idle for long enough.
      for (const [process, timer] of [...idle].toReversed()) {
        clearTimeout(timer);
        idle.delete(process);
        if (process.alive()) return process;
        started.delete(process);
      }
      const process = await start();
      started.add(process);
      return process;
    },
    giveBack: (process) => {
      if (process.alive()) idle.set(process, setTimeout(() => void end(process), idleMs).unref());
      else void end(process);
    },
    close: async () => {
      await Promise.all([...started].map(end));
    },
  };
}

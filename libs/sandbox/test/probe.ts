import { binary } from "@leat/toolchain";
import { type Answer, createSandbox, type Request, type SandboxOptions } from "../src/index.ts";

/** What the probe of the toolchain can be told to do: see its main.go. */
export interface Command {
  do: string;
  with?: string;
  bytes?: number;
}

export interface Probe extends AsyncDisposable {
  tell: (command: Command, options?: Partial<Request> & { signal?: AbortSignal }) => Promise<Answer>;
  /** Of the process that answers it, which is the next to be used. */
  pid: () => Promise<number>;
}

/** A sandbox with a program that misbehaves when it is told to. */
export function openProbe(options: Partial<SandboxOptions> = {}): Probe {
  const program = () => binary("sandbox-probe");
  const limits = { timeoutMs: 60_000, idleMs: 60_000, maxAnswerBytes: 1_000_000, maxMemoryBytes: 256 * 1024 ** 2 };
  const sandbox = createSandbox({ program, ...limits, ...options });
  const tell: Probe["tell"] = (command, { signal = AbortSignal.timeout(60_000), content = [], ...request } = {}) =>
    sandbox.request({ body: command, content, ...request }, signal);
  return {
    tell,
    pid: async () => {
      const answer = await tell({ do: "pid" });
      if (answer.kind === "error") throw new Error(answer.message);
      return Number(answer.content);
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** Whether a process exists, be it for its parent to take its exit code. */
export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

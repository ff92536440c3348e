import type { Greeting } from "./sandboxed-process.ts";

/** The isolation of the program. */
export type SandboxState =
  /** The kernel denies the program files, sockets and other programs. */
  | { kind: "sandboxed"; version: string }
  /** The program works in memory, but this system has no means to deny it anything. */
  | { kind: "unsandboxed"; version: string; why: string }
  /** The program cannot be started on this machine. */
  | { kind: "unavailable"; why: string };

export function stateOf({ sandboxed, why = "", version }: Greeting): SandboxState {
  return sandboxed ? { kind: "sandboxed", version } : { kind: "unsandboxed", version, why };
}

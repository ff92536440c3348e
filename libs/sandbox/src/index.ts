/**
 * Long-lived programs without files, network or other programs, for input that a tenant controls.
 *
 * - `createSandbox`: starts the program when it is first needed, sends requests over pipes, restarts it after a fault, and ends it
 *   when it is idle. Each request has a time limit.
 * - `createSlots`: a limit on requests at the same time, which slow requests cannot block.
 * - `memoryShare`: the memory that one of few such programs may have. `limitedCommand`: a program outside of the sandbox with that limit.
 * - `reportSandboxState`: the metric and the log line for a program that runs without its sandbox.
 */
export { limitedCommand, memoryShare, ranOutOfMemory } from "./memory.ts";
export { reportSandboxState } from "./report-state.ts";
export { createSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";
export type { Answer, Request } from "./sandboxed-process.ts";
export { SandboxError } from "./sandbox-error.ts";
export type { SandboxState } from "./sandbox-state.ts";
export { createSlots, type InSlot } from "./slots.ts";

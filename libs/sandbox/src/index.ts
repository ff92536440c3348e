export { reportSandboxState } from "./report-state.ts";
export { createSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";
export type { Answer, Request } from "./sandboxed-process.ts";
export { SandboxError } from "./sandbox-error.ts";
export type { SandboxState } from "./sandbox-state.ts";
export { createSlots, type InSlot } from "./slots.ts";

import { readdirSync, readFileSync } from "node:fs";
import { processState, thisProcess } from "@leat/process";

/** Environment variable by which a child tells its owner, also when nothing else is left of it. */
const ownerVariable = "LEAT_OWNER";

/**
 * Environment that every child of a test must get: the next start ends those whose owner, this process, is dead. Linux
 * only, as nowhere else the environment of a process can be read.
 */
export function ownedEnvironment(): Record<string, string> {
  return { [ownerVariable]: thisProcess() };
}

/** Ends every process that a dead owner left behind. */
export function endOrphans(): void {
  if (process.platform !== "linux") return;
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid) && processState(ownerOf(pid)) === "gone") kill(pid);
  }
}

function ownerOf(pid: number): string {
  const entry = readEnvironment(pid)
    .split("\0")
    .find((variable) => variable.startsWith(`${ownerVariable}=`));
  return entry?.slice(ownerVariable.length + 1) ?? "";
}

function readEnvironment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    // The process has gone, or is another user's.
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It went by itself.
  }
}

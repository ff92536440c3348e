import { readFileSync } from "node:fs";

/**
 * Names one process for good: `<pid>-<start time>`. A pid alone is not enough, as it is given to another process later.
 * The start time is in clock ticks since boot, and 0 where the system does not tell it (elsewhere than on Linux).
 */
export type ProcessIdentity = string;

export function thisProcess(): ProcessIdentity {
  return identityOf(process.pid);
}

/** Of a process that runs. */
export function identityOf(pid: number): ProcessIdentity {
  return `${pid}-${startTime(pid) ?? 0}`;
}

/** Whether a text begins with the identity of a process, and that process still runs. */
export function processState(text: string): "running" | "gone" | "no identity" {
  const match = /^(\d+)-(\d+)/.exec(text);
  if (match === null) return "no identity";
  const [, pid, started] = match;
  const found = startTime(Number(pid));
  return found !== undefined && found === started ? "running" : "gone";
}

function startTime(pid: number): string | undefined {
  if (process.platform !== "linux") return isRunning(pid) ? "0" : undefined;
  const stat = readStat(pid);
  // The second field is the program's name in brackets, which may itself hold blanks and brackets.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isZombie = fields?.[0] === "Z";
  return isZombie ? undefined : fields?.[19];
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    // There is no such process.
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, as another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

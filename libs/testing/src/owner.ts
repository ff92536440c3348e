import { readdirSync, readFileSync } from "node:fs";

/**
 * The process that answers for files and children: `<pid>-<start time>`. A pid alone is not enough, as it is given to
 * another process later.
 */
export type Owner = string;

/** Environment variable by which a child tells its owner, also when nothing else is left of it. */
const ownerVariable = "LEAT_OWNER";

export function thisOwner(): Owner {
  return `${process.pid}-${startTime(process.pid) ?? 0}`;
}

/**
 * Environment that every child of a test must get: the next start ends those whose owner is dead. Linux only, as nowhere
 * else the environment of a process can be read.
 */
export function ownedEnvironment(): Record<string, string> {
  return { [ownerVariable]: thisOwner() };
}

/** Whether a text is the name of an owner, and the process it names still runs. */
export function ownerState(text: string): "alive" | "dead" | "no owner" {
  const match = /^(\d+)-(\d+)/.exec(text);
  if (match === null) return "no owner";
  const [, pid, started] = match;
  const running = startTime(Number(pid));
  if (running === undefined) return "dead";
  return running === started || started === "0" ? "alive" : "dead";
}

/** Ends every process that a dead owner left behind. */
export function endOrphans(): void {
  if (process.platform !== "linux") return;
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid) && ownerState(ownerOf(pid)) === "dead") kill(pid);
  }
}

/** Start time in clock ticks since boot, `undefined` where there is no such process. */
function startTime(pid: number): string | undefined {
  if (process.platform !== "linux") return isRunning(pid) ? "0" : undefined;
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, which may itself hold blanks and brackets.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const isZombie = fields?.[0] === "Z";
  return isZombie ? undefined : fields?.[19];
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process, or one of another user.
    return false;
  }
}

function ownerOf(pid: number): string {
  const entry = read(`/proc/${pid}/environ`)
    ?.split("\0")
    .find((variable) => variable.startsWith(`${ownerVariable}=`));
  return entry?.slice(ownerVariable.length + 1) ?? "";
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has gone, or is another user's.
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It went by itself.
  }
}

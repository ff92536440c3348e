import { readdir, readFile } from "node:fs/promises";

/** What a process and its children have used. */
export interface TreeUsage {
  /** CPU seconds, children included: those that run and those that have ended. */
  cpuSeconds: number;
  /** Resident memory of all of them now, in MiB; a page that two share counts twice. */
  residentMiB: number;
}

/** Clock ticks a second and bytes a page: the kernel's units in /proc, the same on every Linux that Node runs on here. */
const ticksPerSecond = 100;
const pageBytes = 4096;
const tries = 5;

/**
 * Reads a process tree. A parent is read before its children: one that ends between the two is missed and the tree read
 * again, so that its time, which its parent takes over, is counted once.
 *
 * @throws Error where the process does not run, or its children come and go too fast to be read
 */
export async function readTree(pid: number): Promise<TreeUsage> {
  let cause: unknown;
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      return await readOnce(pid);
    } catch (error) {
      cause = error;
    }
  }
  throw new Error(`process ${pid} and its children cannot be read`, { cause });
}

async function readOnce(pid: number): Promise<TreeUsage> {
  const children = await childrenOf(pid);
  const usage = await readProcess(pid);
  for (const child of children) {
    const { cpuSeconds, residentMiB } = await readOnce(child);
    usage.cpuSeconds += cpuSeconds;
    usage.residentMiB += residentMiB;
  }
  return usage;
}

/** Children belong to the thread that started them. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => readOfThread(`/proc/${pid}/task/${thread}/children`)));
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

/** A thread that has ended meanwhile has left its children to another one of its process. */
async function readOfThread(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ESRCH") return "";
    throw error;
  });
}

async function readProcess(pid: number): Promise<TreeUsage> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // proc(5), counted from after the name in brackets, which may hold blanks: 14 to 17 are times, 24 is resident pages.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).map(Number);
  return {
    cpuSeconds: ticks.reduce((sum, one) => sum + one, 0) / ticksPerSecond,
    residentMiB: (Number(fields[21]) * pageBytes) / 2 ** 20,
  };
}

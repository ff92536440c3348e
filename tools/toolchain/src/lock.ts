import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { processState, thisProcess } from "@leat/process";

export interface LockOptions {
  /** Told once for each other process that holds the lock. */
  onWait: (pid: number) => void;
  signal: AbortSignal | undefined;
}

const pollMs = 200;

/**
 * Holds a lock file until disposed of, and waits for its holder. The lock of a dead process is taken over.
 * If two processes take over a stale lock at the same instant, both may hold it; callers must tolerate that.
 */
export async function holdLock(path: string, options: LockOptions): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${thisProcess()} ${randomUUID()}`;
  let toldAbout = "";
  while (!(await create(path, own))) {
    options.signal?.throwIfAborted();
    const holder = await read(path);
    if (holder !== undefined && processState(holder) === "gone") await removeStale(path, holder);
    else if (holder !== undefined && holder !== toldAbout) options.onWait(Number.parseInt(holder, 10));
    toldAbout = holder ?? toldAbout;
    await pause(pollMs, undefined, options.signal ? { signal: options.signal } : {});
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** A link, unlike a new file, is there with its content or not at all. */
async function create(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Released just now.
    return undefined;
  }
}

async function removeStale(path: string, content: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    // Another process was faster.
    return;
  }
  // Someone took it over between our look and the rename: give it back.
  if ((await read(aside)) !== content) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

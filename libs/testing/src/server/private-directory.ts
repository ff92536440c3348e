import { rmSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { processState, thisProcess } from "@leat/process";
import { testingConfig } from "../config.ts";
import { endOrphans } from "./owner.ts";

/** A directory of this process alone, removed with it. */
export interface PrivateDirectory extends AsyncDisposable {
  path: string;
}

/**
 * Opens a directory for this process, after ending the processes and removing the directories that dead owners left.
 *
 * @param path a certain directory instead of a new temporary one: it is emptied first, unless a living process owns it
 * @throws Error where the directory belongs to a living process or holds what is not ours
 */
export async function openPrivateDirectory(path?: string): Promise<PrivateDirectory> {
  const base = testingConfig().baseDirectory;
  await cleanUp(base);
  const own = path === undefined ? await mkdtemp(join(base, `${thisProcess()}-`)) : await take(path);
  const removeAtExit = () => rmSync(own, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  process.on("exit", removeAtExit);
  return {
    path: own,
    [Symbol.asyncDispose]: async () => {
      process.removeListener("exit", removeAtExit);
      await remove(own);
    },
  };
}

async function cleanUp(base: string): Promise<void> {
  await mkdir(base, { recursive: true, mode: 0o700 });
  const { uid } = await lstat(base);
  if (process.getuid && uid !== process.getuid())
    throw new Error(`${base} belongs to another user: remove it, or set TMPDIR`);
  endOrphans();
  for (const name of await readdir(base)) {
    if (processState(name) === "gone") await remove(join(base, name));
  }
}

async function take(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const ownerFile = join(path, "owner");
  const found = await readdir(path);
  if (found.length > 0 && !found.includes("owner"))
    throw new Error(`${path} is not empty and not ours: give an empty directory`);
  const owner = found.includes("owner") ? await readFile(ownerFile, "utf8") : "";
  if (processState(owner) === "running") throw new Error(`${path} is in use by process ${owner.split("-")[0]}`);
  await Promise.all(found.map((name) => remove(join(path, name))));
  await writeFile(ownerFile, thisProcess(), { flag: "wx", mode: 0o600 });
  return path;
}

function remove(path: string): Promise<void> {
  // A child that is just ending may still write into it.
  return rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

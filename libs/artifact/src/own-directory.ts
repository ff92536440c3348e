import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { processState, thisProcess } from "@leat/process";

/** A directory of this process alone. */
export interface OwnDirectory extends AsyncDisposable {
  path: string;
}

/** A new directory below `parent`, from which those of processes that have ended are removed. */
export async function openOwnDirectory(parent: string): Promise<OwnDirectory> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const left = (await readdir(parent)).filter((name) => processState(name) !== "running");
  for (const name of left) await rm(join(parent, name), { recursive: true, force: true });
  const path = join(parent, `${thisProcess()}-${crypto.randomUUID()}`);
  await mkdir(path, { mode: 0o700 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

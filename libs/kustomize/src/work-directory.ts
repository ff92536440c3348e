import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { Fault, Reason } from "@leat/api";
import type { FileToBuild } from "./files-to-build.ts";

/** A private directory that holds what a build reads and nothing else; removed when disposed of. */
export interface WorkDirectory extends AsyncDisposable {
  /** Stands for the root of the repository. */
  root: string;
  home: string;
  temporary: string;
}

/**
 * Lays the files of a trace out under `parent`.
 *
 * @throws Fault `BuildFailed` where the disk does not permit it
 */
export async function createWorkDirectory(files: readonly FileToBuild[], parent: string): Promise<WorkDirectory> {
  await mkdir(parent, { recursive: true });
  const place = await mkdtempDisposable(join(parent, "build-"));
  try {
    const [root, home, temporary] = [join(place.path, "root"), join(place.path, "home"), join(place.path, "tmp")];
    await Promise.all([mkdir(root), mkdir(home), mkdir(temporary)]);
    const directories = new Set(files.map(({ path }) => posix.dirname(path)));
    for (const directory of directories) await mkdir(join(root, directory), { recursive: true });
    for (const { path, content } of files) await writeFile(join(root, path), content, { mode: 0o600 });
    return {
      root,
      home,
      temporary,
      [Symbol.asyncDispose]: () => place.remove(),
    };
  } catch (cause) {
    await place.remove();
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Fault(Reason.BuildFailed, `cannot create the private copy of the files: ${code ?? message}`, {
      cause,
    });
  }
}

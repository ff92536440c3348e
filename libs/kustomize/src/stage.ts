import { copyFile, link, mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { Fault, Reason } from "@leat/api";
import type { Trace } from "./walk.ts";

/** A private directory that holds what a build reads and nothing else; removed when disposed of. */
export interface Stage extends AsyncDisposable {
  /** Stands for the root of the repository. */
  root: string;
  /** The directory to build. */
  directory: string;
  home: string;
  temporary: string;
}

/**
 * Lays the files of a trace out under `parent`: those that are read as they are as hard links, where the file system
 * permits it, the others as text.
 *
 * @throws Fault `BuildFailed` where the disk does not permit it
 */
export async function stage(trace: Trace, written: ReadonlyMap<string, string>, parent: string): Promise<Stage> {
  await mkdir(parent, { recursive: true });
  const place = await mkdtempDisposable(join(parent, "build-"));
  try {
    const [root, home, temporary] = [join(place.path, "root"), join(place.path, "home"), join(place.path, "tmp")];
    await Promise.all([mkdir(root), mkdir(home), mkdir(temporary)]);
    const linked = [...trace.linked].filter((path) => !written.has(path));
    const directories = new Set([...linked, ...written.keys()].map((path) => posix.dirname(path)));
    for (const directory of directories) await mkdir(join(root, directory), { recursive: true });
    for (let start = 0; start < linked.length; start += atOnce) {
      await Promise.all(
        linked
          .slice(start, start + atOnce)
          .map((path) => linkOrCopy(join(trace.repository.root, path), join(root, path))),
      );
    }
    for (const [path, text] of written) await writeFile(join(root, path), text, { mode: 0o600 });
    return {
      root,
      directory: join(root, trace.directory),
      home,
      temporary,
      [Symbol.asyncDispose]: () => place.remove(),
    };
  } catch (cause) {
    await place.remove();
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Fault(Reason.BuildFailed, `the private copy of the files could not be made: ${code ?? message}`, {
      cause,
    });
  }
}

const atOnce = 16;

/** Another file system, too many links, or a file of another user. */
const noLink = new Set(["EXDEV", "EMLINK", "EPERM", "EACCES", "ENOTSUP"]);

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!noLink.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await copyFile(from, to);
  }
}
